import type { Msg, NatsConnection, Subscription } from "nats";
import {
  type Logger,
  type ReplyOf,
  type RpcRequest,
  type RpcServices,
  silentLogger,
  type Transport,
  TransportError,
} from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import { type Addressee, answer, encodeAnswer, isRequestType, OutgoingCalls } from "../../src/rpc/index.ts";
import { Link, type LinkOptions } from "./link.ts";
import { PendingAnswers } from "./pending-answers.ts";
import { Subjects } from "./subjects.ts";

export interface NatsTransportOptions extends Partial<LinkOptions>, Addressee {
  /** The first words of every subject; `ruaft` unless given. */
  readonly prefix?: string;
  /** Hears of connections made and lost. */
  readonly logger?: Logger;
  /** A server that says nothing for twice as long is given up; 300 ms unless given: near the election timeout. */
  readonly pingIntervalMs?: number;
}

/**
 * Request and reply over NATS, one subject for each type of request; see {@link Subjects}. It connects on its own,
 * again and again; until then, and while the server is away, a call is `unreachable` at once. What does not fit into
 * the server's `max_payload` is `refused`: keep commands, `maxAppendBytes` and `snapshotChunkBytes` below it.
 */
export class NatsTransport implements Transport {
  readonly #addressee: Addressee;
  readonly #subjects: Subjects;
  readonly #calls: OutgoingCalls;
  readonly #answers = new PendingAnswers();
  readonly #link: Link;
  #services: Partial<RpcServices> = {};
  #subscription: Subscription | undefined;
  #disposed = false;

  /** @throws RangeError where the prefix is none */
  constructor({ clusterId, self, prefix = "ruaft", ...options }: NatsTransportOptions) {
    this.#addressee = { clusterId, self };
    this.#subjects = new Subjects(prefix, clusterId);
    this.#calls = new OutgoingCalls(this.#addressee);
    this.#link = new Link(
      { pingIntervalMs: 300, logger: silentLogger, ...options },
      (connection) => {
        this.#answers.listen(connection);
        this.#subscription = connection.subscribe(this.#subjects.allOf(self), {
          callback: (_error, message) => this.#asked(message),
        });
      },
      () => this.#answers.lost(),
    );
  }

  /** Resolves when NATS was reached for the first time and peers can ask. */
  get connected(): Promise<void> {
    return this.#link.connected;
  }

  async serve(services: Partial<RpcServices>): Promise<void> {
    if (this.#disposed) throw new TransportError("unreachable", "the transport was disposed");
    this.#services = { ...this.#services, ...services };
  }

  call<Request extends RpcRequest>(
    to: ReplicaId,
    request: Request,
    signal: AbortSignal,
  ): Promise<ReplyOf<Request>> {
    return this.#calls.make(to, request, signal, async (bytes, ended) => {
      const { connection } = this.#link;
      const largest = largestOf(connection);
      if (bytes.length > largest) {
        const message = `${request.type} is of ${bytes.length} bytes, and NATS carries ${largest} (max_payload)`;
        throw new TransportError("refused", message);
      }
      return this.#answers.ask(connection, this.#subjects.of(to, request.type), bytes, ended());
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#services = {};
    this.#calls[Symbol.dispose]();
    this.#subscription?.unsubscribe();
    await this.#link[Symbol.asyncDispose]();
  }

  async #asked(message: Msg): Promise<void> {
    const type = Subjects.rpcOf(message.subject);
    if (!isRequestType(type)) return;
    // Requests keep views on their bytes, and the library keeps what it read in larger pieces.
    const { bytes } = await answer(message.data.slice(), this.#services, this.#addressee, type);
    try {
      const { connection } = this.#link;
      message.respond(bytes.length > largestOf(connection) ? tooLarge(bytes, largestOf(connection)) : bytes);
    } catch {
      // The connection was lost, and who asked was told so by its own.
    }
  }
}

/** What one message may hold, in bytes, as the server says. */
function largestOf({ info }: NatsConnection): number {
  return info?.max_payload ?? Number.POSITIVE_INFINITY;
}

function tooLarge({ length }: Uint8Array, largest: number): Uint8Array {
  const message = `the answer is of ${length} bytes, and NATS carries ${largest} (max_payload)`;
  return encodeAnswer({ type: "refusal", callId: 0, reason: "failed", message });
}
