import type { Clock, Transport } from "../ports/index.ts";
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

/** The calls to peers: each ends once, by a reply or by its deadline at the latest. */
export class Calls {
  readonly #transport: Transport;
  readonly #sender: SnapshotSender;
  readonly #deadlines: Deadlines;
  readonly #config: RaftConfig;
  readonly #ended: (end: CallEnd) => void;

  constructor(
    {
      transport,
      sender,
      clock,
      config,
    }: {
      transport: Transport;
      sender: SnapshotSender;
      clock: Clock;
      config: RaftConfig;
    },
    ended: (end: CallEnd) => void,
  ) {
    this.#transport = transport;
    this.#sender = sender;
    this.#deadlines = new Deadlines(clock);
    this.#config = config;
    this.#ended = ended;
  }

  async send(to: ReplicaId, request: RaftRequest): Promise<void> {
    this.#ended(await this.#call(to, request));
  }

  async sendChunk({ to, request, maxBytes }: ChunkToSend): Promise<void> {
    const chunk = await this.#sender.read(to, request, maxBytes).catch(() => undefined);
    if (chunk === undefined) return this.#ended({ type: "failed", to, request });
    const full: InstallSnapshot = { ...request, ...chunk };
    this.#ended(await this.#call(to, full));
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
    } catch {
      // Why a call failed makes no difference to Raft (§5.5): it is tried again.
      return { type: "failed", to, request };
    }
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
