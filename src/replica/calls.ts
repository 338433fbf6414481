import { type Clock, type Logger, type Transport, TransportError } from "../ports/index.ts";
import type {
  ChunkToSend,
  InstallSnapshot,
  RaftConfig,
  RaftReply,
  RaftRequest,
  ReplicaId,
  SentRequest,
} from "../raft/index.ts";
import { Deadlines } from "./deadlines.ts";
import type { SnapshotSender } from "./snapshot-sender.ts";

/** How every call to a peer ends. */
export type CallEnd =
  | {
      readonly type: "reply";
      readonly from: ReplicaId;
      readonly request: RaftRequest;
      readonly reply: RaftReply;
    }
  | { readonly type: "failed"; readonly to: ReplicaId; readonly request: SentRequest };

export interface CallsOptions {
  readonly transport: Transport;
  readonly sender: SnapshotSender;
  readonly clock: Clock;
  readonly config: RaftConfig;
  /** Hears why calls brought no reply. */
  readonly logger: Logger;
}

/** The calls to peers: each ends once, by a reply or by its deadline at the latest. */
export class Calls {
  readonly #transport: Transport;
  readonly #sender: SnapshotSender;
  readonly #deadlines: Deadlines;
  readonly #config: RaftConfig;
  readonly #logger: Logger;
  readonly #ended: (end: CallEnd) => void;
  /** What could not be sent to a peer, and was told of. */
  readonly #tooLarge = new Map<ReplicaId, string>();

  constructor({ transport, sender, clock, config, logger }: CallsOptions, ended: (end: CallEnd) => void) {
    this.#transport = transport;
    this.#sender = sender;
    this.#deadlines = new Deadlines(clock);
    this.#config = config;
    this.#logger = logger;
    this.#ended = ended;
  }

  async send(to: ReplicaId, request: RaftRequest): Promise<void> {
    this.#ended(await this.#call(to, request));
  }

  async sendChunk({ to, request, maxBytes }: ChunkToSend): Promise<void> {
    try {
      const chunk = await this.#sender.read(to, request, maxBytes);
      if (chunk !== undefined) {
        const full: InstallSnapshot = { ...request, ...chunk };
        return this.#ended(await this.#call(to, full));
      }
    } catch (error) {
      this.#logger.warn("could not read the snapshot that {to} needs: {reason}", {
        to,
        reason: messageOf(error),
      });
    }
    this.#ended({ type: "failed", to, request });
  }

  async #call(to: ReplicaId, request: RaftRequest): Promise<CallEnd> {
    using deadline = this.#deadlines.after(this.#deadlineMs(request));
    try {
      return {
        type: "reply",
        from: to,
        request,
        reply: await this.#transport.call(to, request, deadline.signal),
      };
    } catch (error) {
      // Why a call failed makes no difference to Raft (§5.5): it is tried again.
      const { type } = request;
      this.#tell(to, type, error);
      return { type: "failed", to, request };
    }
  }

  /** Most failures pass; what is too large to be sent will be so the next time, and stands in the way of all after it. */
  #tell(to: ReplicaId, type: RaftRequest["type"], error: unknown): void {
    const reason = messageOf(error);
    this.#logger.debug("no reply of {to} to {type}: {reason}", { to, type, reason });
    if (!(error instanceof TransportError) || error.reason !== "tooLarge") return;
    if (this.#tooLarge.get(to) === reason) return;
    this.#tooLarge.set(to, reason);
    this.#logger.error("{to} can't be sent what it lacks: {reason}", { to, reason });
  }

  /** Votes and heartbeats are small, and worthless when late; entries and chunks may meet a slow link or disk. */
  #deadlineMs(request: RaftRequest): number {
    const { electionTimeoutMinMs } = this.#config;
    switch (request.type) {
      case "askAdmission":
      case "requestVote":
        return electionTimeoutMinMs;
      case "appendEntries":
        return request.entries.length === 0 ? electionTimeoutMinMs : 4 * electionTimeoutMinMs;
      case "installSnapshot":
        return 16 * electionTimeoutMinMs;
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
