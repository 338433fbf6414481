import { type Msg, type NatsConnection, nuid, type Subscription } from "nats";
import { type Logger, TransportError } from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import { pause } from "./pause.ts";
import type { PendingAnswers } from "./pending-answers.ts";
import type { Subjects } from "./subjects.ts";

export interface PlaceOptions {
  readonly subjects: Subjects;
  readonly self: ReplicaId;
  readonly answers: PendingAnswers;
  readonly logger: Logger;
  /** Answers what the replica is asked. */
  readonly asked: (message: Msg) => void;
}

/** How long whoever holds a place may take to say so, and how long one that was taken is left alone, in ms. */
const patienceMs = 500;
const pauseMs = 1000;

/**
 * A replica's place on NATS. Whoever listens there answers, so no two processes may: each would get a part of what the
 * other is asked. A process asks first whether the place is taken, and once more when it has taken it, for another
 * may have come at the same moment; both then leave it, and try again at different times.
 */
export class Place implements Disposable {
  readonly #options: PlaceOptions;
  /** Tells this process from others of the same name. */
  readonly #holder: Uint8Array = new TextEncoder().encode(nuid.next());
  readonly #ending = new AbortController();
  #subscription: Subscription | undefined;
  /** Whether another process held the place when this one last asked. */
  #isContested = false;

  constructor(options: PlaceOptions) {
    this.#options = options;
  }

  /**
   * Passes while the place is this process's own: another one of its name must not speak as this replica, either.
   *
   * @throws TransportError `unreachable`
   */
  assertHeld(): void {
    if (this.#subscription !== undefined) return;
    const { self } = this.#options;
    throw new TransportError(
      "unreachable",
      this.#isContested
        ? `another process runs as ${self} on the same NATS: this one sends nothing until that one ends`
        : `it is not known yet whether another process runs as ${self} on the same NATS`,
    );
  }

  /** Resolves when the place is this process's own. */
  async take(connection: NatsConnection): Promise<void> {
    const { logger, self } = this.#options;
    for (let isNews = true; !this.#ending.signal.aborted && !connection.isClosed(); ) {
      this.#isContested = await this.#isTaken(connection);
      if (!this.#isContested) {
        this.#listen(connection);
        return;
      }
      if (isNews) {
        logger.error("another process runs as {self} on the same NATS: this one waits until that one ends", {
          event: "nats.taken",
          self,
        });
      }
      isNews = false;
      await pause(pauseMs * (1 + Math.random()), this.#ending.signal);
    }
  }

  /** Gives the place up if another process holds it as well, and waits until that has gone. */
  async defend(connection: NatsConnection): Promise<void> {
    while (!this.#ending.signal.aborted && (await this.#isTaken(connection))) {
      this.#leave();
      await this.take(connection);
    }
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
    this.#leave();
  }

  #listen(connection: NatsConnection): void {
    const { subjects, self, asked } = this.#options;
    // A connection that was lost meanwhile may have made another wait for the place as well.
    this.#leave();
    this.#subscription = connection.subscribe(subjects.allOf(self), {
      callback: (error, message) => {
        // The link has told of it.
        if (error !== null) return;
        if (message.subject !== subjects.presenceOf(self)) asked(message);
        else if (!isSame(message.data, this.#holder)) message.respond(this.#holder);
      },
    });
  }

  #leave(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }

  /** Whether another process answers. One that died without a word does not, and may listen for a while yet. */
  async #isTaken(connection: NatsConnection): Promise<boolean> {
    const { subjects, self, answers } = this.#options;
    const answered = new AbortController();
    const asked = answers.ask(connection, subjects.presenceOf(self), this.#holder, answered.signal);
    try {
      return (await Promise.race([asked, pause(patienceMs, this.#ending.signal)])) !== undefined;
    } catch (error) {
      if (error instanceof TransportError) return false;
      throw error;
    } finally {
      answered.abort();
    }
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
