import { credsAuthenticator, type Msg, type NatsConnection } from "nats";
import {
  type Introductions,
  type Logger,
  type SealHealth,
  type ServiceHandler,
  silentLogger,
  type Transport,
  TransportError,
} from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import { Endpoint, type EndpointOptions } from "../../src/rpc/index.ts";
import { type ConnectionSettings, ReconnectingConnection } from "./connection.ts";
import { NameClaim } from "./name-claim.ts";
import { ReplyInbox } from "./reply-inbox.ts";
import { Subjects } from "./subjects.ts";

/** Options of `NatsTransport`. */
export interface NatsTransportOptions extends Partial<ConnectionSettings>, EndpointOptions {
  /** The first words of every subject. Default: `ruaft`. */
  readonly prefix?: string;
  /** The content of a credentials file: a JWT and a seed. */
  readonly credentials?: string;
  /** Gets connections made and lost. Default: none. */
  readonly logger?: Logger;
  /** Interval of pings in ms; a server is given up after two missed pings. Default: 300, near the election timeout. */
  readonly pingIntervalMs?: number;
}

/** A server's default `max_payload`, in bytes. */
const usualMessageBytes = 1 << 20;

/** Upper bound of what the envelope adds to a payload, in bytes. */
const envelopeBytes = 512;

/**
 * Request and reply over NATS, one subject for each service of a replica; see {@link Subjects}. It connects, and
 * reconnects, in the background. Without a server, a call fails at once with `unreachable`. A call that exceeds the
 * server's `max_payload` fails with `tooLarge`; a replica keeps its messages below that.
 *
 * @example
 * ```ts
 * import { replicaId, TransportError } from "ruaft";
 * import { NatsTransport } from "ruaft/transports/nats";
 *
 * const [n1, n2] = [replicaId("n1"), replicaId("n2")];
 * const transport = new NatsTransport({ clusterId: "example", self: n1, servers: "nats://127.0.0.1:4222" });
 * try {
 *   await transport.call(n2, "echo", Uint8Array.of(1), AbortSignal.timeout(1000));
 * } catch (error) {
 *   // It connects in the background. Until then calls fail at once.
 *   console.log(error instanceof TransportError && error.reason); // unreachable
 * }
 * await transport[Symbol.asyncDispose]();
 * ```
 */
export class NatsTransport implements Transport {
  readonly #endpoint: Endpoint;
  readonly #subjects: Subjects;
  readonly #inbox: ReplyInbox;
  readonly #nameClaim: NameClaim;
  readonly #reconnecting: ReconnectingConnection;
  #disposed = false;

  /** @throws RangeError if the prefix is not words with dots between them */
  constructor({ clusterId, self, prefix = "ruaft", credentials, ...rest }: NatsTransportOptions) {
    const { seal, peerAuth, refused, ...options } = rest;
    const { logger = silentLogger } = options;
    this.#endpoint = new Endpoint({ clusterId, self, seal, peerAuth, refused });
    this.#subjects = new Subjects(prefix, clusterId);
    this.#inbox = new ReplyInbox(this.#subjects.inboxOf(self));
    this.#nameClaim = new NameClaim({
      ...{ subjects: this.#subjects, self, inbox: this.#inbox, presence: this.#endpoint.presence, logger },
      called: (message) => this.#called(message),
    });
    this.#reconnecting = new ReconnectingConnection(
      {
        pingIntervalMs: 300,
        ...(credentials && { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
        ...options,
        logger,
      },
      {
        connected: async (connection) => {
          this.#inbox.listen(connection);
          await this.#nameClaim.acquire(connection);
        },
        settled: (connection) => this.#nameClaim.defend(connection),
        lost: () => this.#inbox.lost(),
      },
    );
  }

  /** Resolves when NATS was reached for the first time and peers can call this replica. */
  get connected(): Promise<void> {
    return this.#reconnecting.connected;
  }

  get maxPayloadBytes(): number {
    return largestOf(this.#reconnecting.last) - envelopeBytes;
  }

  get sealing(): SealHealth | undefined {
    return this.#endpoint.sealing;
  }

  introduce(introductions: Introductions): void {
    this.#endpoint.introduce(introductions);
  }

  serve(service: string, handler: ServiceHandler): Promise<void> {
    return this.#endpoint.serve(service, handler);
  }

  call(to: ReplicaId, service: string, payload: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return this.#endpoint.call({ to, service, payload, signal }, async (message, ended) => {
      const { connection } = this.#reconnecting;
      this.#nameClaim.assertHeld();
      const largest = largestOf(connection);
      if (message.length > largest) {
        const text = `call of ${service}: at most ${largest} bytes (max_payload of NATS), not ${message.length}`;
        throw new TransportError("tooLarge", text);
      }
      return this.#inbox.request(connection, this.#subjects.of(to, service), message, ended());
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#endpoint[Symbol.dispose]();
    this.#nameClaim[Symbol.dispose]();
    await this.#reconnecting[Symbol.asyncDispose]();
  }

  async #called(message: Msg): Promise<void> {
    // A copy, because handlers keep views: a view would keep the library's larger read buffer in memory.
    const { bytes } = await this.#endpoint.handle(message.data.slice(), {
      service: Subjects.serviceOf(message.subject),
      maxReplyBytes: this.maxPayloadBytes,
    });
    try {
      message.respond(bytes);
    } catch {
      // The connection is lost. The caller's own connection reports that to the caller.
    }
  }
}

/** The server's `max_payload` in bytes; before a server was reached, the default of NATS. */
function largestOf(connection: NatsConnection | undefined): number {
  return connection?.info?.max_payload ?? usualMessageBytes;
}
