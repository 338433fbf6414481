import { credsAuthenticator, type Msg, type NatsConnection } from "nats";
import {
  type Introductions,
  type Logger,
  type ServiceHandler,
  silentLogger,
  type Transport,
  TransportError,
} from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import { decodeAnswer, Endpoint, type EndpointOptions, encodeAnswer } from "../../src/rpc/index.ts";
import { Link, type LinkOptions } from "./link.ts";
import { PendingAnswers } from "./pending-answers.ts";
import { Place } from "./place.ts";
import { Subjects } from "./subjects.ts";

export interface NatsTransportOptions extends Partial<LinkOptions>, EndpointOptions {
  /** The first words of every subject. Default: `ruaft`. */
  readonly prefix?: string;
  /** The content of a credentials file: a JWT and a seed. */
  readonly credentials?: string;
  /** Hears of connections made and lost. */
  readonly logger?: Logger;
  /** A server that says nothing for twice as long is given up. Default: 300 ms, near the election timeout. */
  readonly pingIntervalMs?: number;
}

/** A server's `max_payload` unless it is told otherwise, in bytes. */
const usualMessageBytes = 1 << 20;

/** What a message adds to its payload at most, in bytes. */
const envelopeBytes = 512;

/**
 * Request and reply over NATS, one subject for each service of a replica; see {@link Subjects}. It connects on its own,
 * again and again; until then, and while the server is away, a call is `unreachable` at once. What does not fit into
 * the server's `max_payload` is `tooLarge`, and a replica keeps its messages below it.
 */
export class NatsTransport implements Transport {
  readonly #endpoint: Endpoint;
  readonly #subjects: Subjects;
  readonly #answers: PendingAnswers;
  readonly #place: Place;
  readonly #link: Link;
  #disposed = false;

  /** @throws RangeError if the prefix is none */
  constructor({ clusterId, self, prefix = "ruaft", credentials, ...options }: NatsTransportOptions) {
    const { logger = silentLogger } = options;
    this.#endpoint = new Endpoint({ clusterId, self });
    this.#subjects = new Subjects(prefix, clusterId);
    this.#answers = new PendingAnswers(this.#subjects.inboxOf(self));
    this.#place = new Place({
      ...{ subjects: this.#subjects, self, answers: this.#answers, logger },
      asked: (message) => this.#asked(message),
    });
    this.#link = new Link(
      {
        pingIntervalMs: 300,
        ...(credentials && { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
        ...options,
        logger,
      },
      {
        connected: async (connection) => {
          this.#answers.listen(connection);
          await this.#place.take(connection);
        },
        settled: (connection) => this.#place.defend(connection),
        lost: () => this.#answers.lost(),
      },
    );
  }

  /** Resolves when NATS was reached for the first time and peers can ask. */
  get connected(): Promise<void> {
    return this.#link.connected;
  }

  get maxPayloadBytes(): number {
    return largestOf(this.#link.last) - envelopeBytes;
  }

  introduce(introductions: Introductions): void {
    this.#endpoint.introduce(introductions);
  }

  serve(service: string, handler: ServiceHandler): Promise<void> {
    return this.#endpoint.serve(service, handler);
  }

  call(to: ReplicaId, service: string, payload: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return this.#endpoint.call({ to, service, payload, signal }, async (message, ended) => {
      const { connection } = this.#link;
      this.#place.assertHeld();
      const largest = largestOf(connection);
      if (message.length > largest) {
        const text = `a call of ${service} is of ${message.length} bytes, and NATS carries ${largest} (max_payload)`;
        throw new TransportError("tooLarge", text);
      }
      return this.#answers.ask(connection, this.#subjects.of(to, service), message, ended());
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#endpoint[Symbol.dispose]();
    this.#place[Symbol.dispose]();
    await this.#link[Symbol.asyncDispose]();
  }

  async #asked(message: Msg): Promise<void> {
    // Handlers keep views on their bytes, and the library keeps what it read in larger pieces.
    const { bytes } = await this.#endpoint.answer(message.data.slice(), Subjects.serviceOf(message.subject));
    try {
      const { connection } = this.#link;
      const largest = largestOf(connection);
      message.respond(bytes.length > largest ? tooLarge(bytes, largest) : bytes);
    } catch {
      // The connection was lost, and who asked was told so by its own.
    }
  }
}

/** What one message may hold, in bytes, as the server says; what it most likely will say, before it was reached. */
function largestOf(connection: NatsConnection | undefined): number {
  return connection?.info?.max_payload ?? usualMessageBytes;
}

/** A refusal in the place of an answer. */
function tooLarge(answer: Uint8Array, largest: number): Uint8Array {
  const text = `the answer is of ${answer.length} bytes, and NATS carries ${largest} (max_payload)`;
  return encodeAnswer({ ...decodeAnswer(answer), status: "failed", content: new TextEncoder().encode(text) });
}
