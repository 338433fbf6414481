import {
  type CallFailure,
  type Clock,
  type Logger,
  type SealHealth,
  type Transport,
  TransportError,
} from "../ports/index.ts";
import {
  type ChunkToSend,
  type InstallSnapshot,
  invariant,
  type RaftConfig,
  type RaftReply,
  type RaftRequest,
  type ReplicaId,
  type SentRequest,
  senderOf,
} from "../raft/index.ts";
import { type RaftService, raftService } from "../rpc/index.ts";
import { PeerMistakes } from "./peer-mistakes.ts";
import { Deadlines } from "./shared-deadlines.ts";
import type { SnapshotSender } from "./snapshot-sender.ts";

/** The end of a call to a peer. */
export type CallEnd =
  | {
      readonly type: "reply";
      readonly from: ReplicaId;
      readonly request: RaftRequest;
      readonly reply: RaftReply;
    }
  | { readonly type: "failed"; readonly to: ReplicaId; readonly request: SentRequest };

/** The last call to a peer that failed. */
interface Failure {
  readonly reason: string;
  readonly atMs: number;
  /** Set by the next reply. */
  answeredSince: boolean;
}

export interface OutboundCallsOptions {
  readonly transport: Transport;
  readonly sender: SnapshotSender;
  readonly clock: Clock;
  readonly config: RaftConfig;
  /** Logs why calls failed. */
  readonly logger: Logger;
}

/** The calls to peers. Each ends once: with a reply, or with a failure at its deadline at the latest. */
export class OutboundCalls {
  readonly #transport: Transport;
  readonly #service: RaftService;
  readonly #sender: SnapshotSender;
  readonly #deadlines: Deadlines;
  readonly #config: RaftConfig;
  readonly #logger: Logger;
  readonly #ended: (end: CallEnd) => void;
  readonly #clock: Clock;
  /** The last failure of a call to each peer. */
  readonly #failures = new Map<ReplicaId, Failure>();
  readonly #mistakes: PeerMistakes;
  /** How the transport seals messages, if it does. */
  get sealing(): SealHealth | undefined {
    return this.#transport.sealing;
  }

  /** The last message about something too large for each peer. */
  readonly #tooLarge = new Map<ReplicaId, string>();

  constructor(
    { transport, sender, clock, config, logger }: OutboundCallsOptions,
    ended: (end: CallEnd) => void,
  ) {
    this.#transport = transport;
    this.#service = raftService(transport);
    this.#sender = sender;
    this.#clock = clock;
    this.#deadlines = new Deadlines(clock);
    this.#config = config;
    this.#logger = logger;
    this.#mistakes = new PeerMistakes({ clock, logger, addressOf: (peer) => transport.addressOf?.(peer) });
    this.#ended = ended;
  }

  failureOf(peer: ReplicaId): string | undefined {
    return this.#failures.get(peer)?.reason;
  }

  failures(): ReadonlyMap<ReplicaId, CallFailure> {
    const nowMs = this.#clock.now();
    return new Map(
      [...this.#failures].map(([id, { reason, atMs, answeredSince }]) => [
        id,
        { address: this.#transport.addressOf?.(id), reason, agoMs: nowMs - atMs, answeredSince },
      ]),
    );
  }

  /** @param deadlineMs time in ms after which the call fails. Default: the shortest election timeout */
  async send(
    to: ReplicaId,
    request: RaftRequest,
    deadlineMs: number = this.#config.electionTimeoutMinMs,
  ): Promise<void> {
    this.#ended(await this.#call(to, request, deadlineMs));
  }

  async sendChunk({ to, request, maxBytes, deadlineMs }: ChunkToSend): Promise<void> {
    try {
      const chunk = await this.#sender.read(to, request, maxBytes);
      if (chunk !== undefined) {
        invariant(chunk.data.length <= maxBytes, "§7 a chunk fits into its message");
        const full: InstallSnapshot = { ...request, ...chunk };
        const end = await this.#call(to, full, deadlineMs);
        // The core knows the request without its bytes.
        return this.#ended(end.type === "failed" ? { ...end, request } : end);
      }
    } catch (error) {
      this.#logger.warn("could not read the snapshot that {to} needs: {reason}", {
        event: "snapshot.unreadable",
        to,
        reason: messageOf(error),
      });
    }
    this.#ended({ type: "failed", to, request });
  }

  async #call(to: ReplicaId, request: RaftRequest, deadlineMs: number): Promise<CallEnd> {
    invariant(senderOf(request) === this.#config.id, "a replica sends only in its own name");
    using deadline = this.#deadlines.after(deadlineMs);
    try {
      const reply = await this.#service.call(to, request, deadline.signal);
      this.#answered(to);
      return { type: "reply", from: to, request, reply };
    } catch (error) {
      // The reason makes no difference to Raft (§5.5): the call is repeated.
      const { type } = request;
      this.#tell(to, type, error);
      return { type: "failed", to, request };
    }
  }

  #answered(peer: ReplicaId): void {
    const failure = this.#failures.get(peer);
    if (failure === undefined || failure.answeredSince) return;
    failure.answeredSince = true;
    this.#mistakes.answered(peer);
  }

  /**
   * Most failures are temporary. But a message that is too large will be too large again, and blocks everything behind
   * it.
   */
  #tell(to: ReplicaId, type: RaftRequest["type"], error: unknown): void {
    const reason = messageOf(error);
    this.#failures.set(to, { reason: inShort(error), atMs: this.#clock.now(), answeredSince: false });
    this.#mistakes.failed(to, error instanceof TransportError ? error.mistake : undefined);
    this.#logger.debug("no reply of {to} to {type}: {reason}", { to, type, reason });
    if (!(error instanceof TransportError) || error.reason !== "tooLarge") return;
    if (this.#tooLarge.get(to) === reason) return;
    this.#tooLarge.set(to, reason);
    this.#logger.error("{to} can't be sent what it lacks: {reason}", { event: "peer.tooLarge", to, reason });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Returns the mistake at the peer, a code of the system such as `ECONNREFUSED`, or the message of the transport. */
function inShort(error: unknown): string {
  if (error instanceof TransportError && error.mistake !== undefined) return error.mistake;
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string") return code;
  }
  if (error instanceof TransportError && error.reason === "timeout") return "no answer in time";
  return messageOf(error);
}
