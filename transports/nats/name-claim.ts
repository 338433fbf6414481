import type { Msg, NatsConnection, Subscription } from "nats";
import { type Logger, TransportError } from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import type { Endpoint } from "../../src/rpc/index.ts";
import type { ReplyInbox } from "./reply-inbox.ts";
import { sleep } from "./sleep.ts";
import type { Subjects } from "./subjects.ts";

export interface NameClaimOptions {
  readonly subjects: Subjects;
  readonly self: ReplicaId;
  readonly inbox: ReplyInbox;
  /** Tells the processes of the replica apart. */
  readonly presence: Endpoint["presence"];
  readonly logger: Logger;
  /** Handles a call to the replica. */
  readonly called: (message: Msg) => void;
}

/** Timeout for the holder's answer, and least delay before the next attempt, in ms. */
const timeoutMs = 500;
const retryMs = 1000;

/**
 * A process's claim to a replica's name on NATS. If two processes subscribed to the subjects of one replica, each would
 * receive a part of its calls. So a process asks whether the name is held before it subscribes, and again afterwards,
 * because another may have subscribed at the same moment. Then both unsubscribe, and try again after random delays.
 */
export class NameClaim implements Disposable {
  readonly #options: NameClaimOptions;
  readonly #ending = new AbortController();
  #subscription: Subscription | undefined;
  /** Whether another process held the name when this one last asked. */
  #isHeldElsewhere = false;

  constructor(options: NameClaimOptions) {
    this.#options = options;
  }

  /**
   * Passes if this process holds the name. A process that does not must not send as this replica either.
   *
   * @throws TransportError `unreachable`
   */
  assertHeld(): void {
    if (this.#subscription !== undefined) return;
    const { self } = this.#options;
    throw new TransportError(
      "unreachable",
      this.#isHeldElsewhere
        ? `another process runs as ${self} on the same NATS: this one sends nothing until that one ends`
        : `it is not known yet whether another process runs as ${self} on the same NATS`,
    );
  }

  /** Resolves when this process holds the name. */
  async acquire(connection: NatsConnection): Promise<void> {
    const { logger, self } = this.#options;
    for (let isFirst = true; !this.#ending.signal.aborted && !connection.isClosed(); ) {
      this.#isHeldElsewhere = await this.#isHeld(connection);
      if (!this.#isHeldElsewhere) {
        this.#subscribe(connection);
        return;
      }
      if (isFirst) {
        logger.error("another process runs as {self} on the same NATS: this one waits until that one ends", {
          event: "nats.taken",
          self,
        });
      }
      isFirst = false;
      await sleep(retryMs * (1 + Math.random()), this.#ending.signal);
    }
  }

  /** Gives the name up if another process holds it as well, then waits until that process has ended. */
  async defend(connection: NatsConnection): Promise<void> {
    while (!this.#ending.signal.aborted && (await this.#isHeld(connection))) {
      this.#unsubscribe();
      await this.acquire(connection);
    }
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
    this.#unsubscribe();
  }

  #subscribe(connection: NatsConnection): void {
    const { subjects, self, presence, called } = this.#options;
    // If the connection was lost meanwhile, an earlier `acquire` may have subscribed already.
    this.#unsubscribe();
    this.#subscription = connection.subscribe(subjects.allOf(self), {
      callback: (error, message) => {
        // ReconnectingConnection logs errors.
        if (error !== null) return;
        if (message.subject !== subjects.presenceOf(self)) return called(message);
        const answer = presence.answer(message.data);
        if (answer !== undefined) message.respond(answer);
      },
    });
  }

  #unsubscribe(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }

  /**
   * Whether another process answers. One that was killed does not, though the server may keep its subscription for a while.
   */
  async #isHeld(connection: NatsConnection): Promise<boolean> {
    const { subjects, self, inbox, presence } = this.#options;
    const answered = new AbortController();
    const question = presence.question();
    const reply = inbox.request(connection, subjects.presenceOf(self), question.bytes, answered.signal);
    try {
      const answer = await Promise.race([reply, sleep(timeoutMs, this.#ending.signal)]);
      return answer !== undefined && question.isAnswer(answer);
    } catch (error) {
      if (error instanceof TransportError) return false;
      throw error;
    } finally {
      answered.abort();
    }
  }
}
