import {
  type AppendEntriesReply,
  type ChunkToSend,
  type LogEntry,
  type PersistedState,
  type RaftReply,
  type RaftRequest,
  type RaftTuning,
  type ReadOutcome,
  type Ready,
  type ReceivedChunk,
  type ReplicaId,
  replicaId,
  type SentRequest,
  type StorageLost,
} from "../../src/raft/index.ts";
import { configOf } from "./core-config.ts";
import { stateOf } from "./inputs.ts";
import { DurableImage, TestReplica } from "./replica.ts";

export interface Sent {
  readonly to: ReplicaId;
  readonly request: RaftRequest;
}

export interface OneCoreOptions {
  /** Number of voters. The core under test is the first of them, `n1`. */
  readonly voters?: number;
  readonly restored?: PersistedState;
  readonly tuning?: Partial<RaftTuning>;
  readonly volatileStorage?: boolean;
  /** The source of its random timeouts. Default: always the shortest. */
  readonly random?: () => number;
}

/**
 * One core without peers: the test plays their part. The core's outputs are carried out at once and collected. With
 * `slowDisk` a write waits for `completeWrite`, with `slowChunks` a received chunk for `saveChunk`.
 */
export class OneCore {
  now = 0;
  slowDisk = false;
  slowChunks = false;
  readonly peers: readonly ReplicaId[];
  readonly replica: TestReplica;
  #sent: Sent[] = [];
  readonly chunks: ChunkToSend[] = [];
  readonly reads: ReadOutcome[] = [];
  /** Calls without a reply. */
  readonly unanswered: number[] = [];
  /** The reason why the core must not continue. */
  storageLost: StorageLost | undefined;
  readonly writes: NonNullable<Ready["persist"]>[] = [];
  readonly chunksToSave: ReceivedChunk[] = [];
  readonly #replies = new Map<number, RaftReply>();
  #lastCallId = 0;

  constructor(options: OneCoreOptions = {}) {
    const { voters = 3, restored = stateOf({ term: 1 }), tuning = {}, random, volatileStorage } = options;
    const ids = Array.from({ length: voters }, (_, n) => replicaId(`n${n + 1}`));
    const [self = replicaId("n1"), ...peers] = ids;
    this.peers = peers;
    const config = {
      ...configOf(self, ids, tuning),
      ...(volatileStorage !== undefined && { volatileStorage }),
      ...(random && { random }),
    };
    this.replica = new TestReplica(config, new DurableImage(restored), 0);
  }

  get view(): ReturnType<TestReplica["core"]["view"]> {
    return this.replica.core.view();
  }

  get log(): string {
    const { firstLogIndex, lastLogIndex } = this.view;
    return this.view
      .entries(firstLogIndex, lastLogIndex)
      .map(({ index, term }) => `${index}@${term}`)
      .join(" ");
  }

  /** Steps a request of a peer. Returns the reply if it is sent at once. */
  ask(from: ReplicaId, request: RaftRequest): RaftReply | undefined {
    return this.replyTo(this.call(from, request));
  }

  /** Steps a request of a peer. Returns the argument of `replyTo`. */
  call(from: ReplicaId, request: RaftRequest): number {
    const callId = ++this.#lastCallId;
    this.#step({ type: "request", callId, from, request });
    return callId;
  }

  replyTo(callId: number): RaftReply | undefined {
    return this.#replies.get(callId);
  }

  answer({ to, request }: Sent, reply: RaftReply): void {
    this.#step({ type: "reply", from: to, request, reply });
  }

  /** Answers an AppendEntries of the current leadership. */
  accept(sent: Sent): void {
    this.answer(sent, {
      type: "appendEntries",
      term: this.view.currentTerm,
      round: roundOf(sent),
      success: true,
    });
  }

  reject(sent: Sent, conflict: Extract<AppendEntriesReply, { success: false }>["conflict"]): void {
    const { currentTerm: term } = this.view;
    this.answer(sent, { type: "appendEntries", term, round: roundOf(sent), success: false, conflict });
  }

  fail({ to, request }: { readonly to: ReplicaId; readonly request: SentRequest }): void {
    this.#step({ type: "failed", to, request });
  }

  propose(command: string | Uint8Array): ReturnType<TestReplica["core"]["propose"]> {
    const bytes = typeof command === "string" ? new TextEncoder().encode(command) : command;
    const proposed = this.replica.core.propose(bytes);
    this.#settle();
    return proposed;
  }

  read(readId: number): void {
    this.#step({ type: "read", readId });
  }

  /** Changes the size limit of messages. */
  limitPayload(bytes: number): void {
    this.#step({ type: "payloadLimit", bytes });
  }

  resign(): void {
    this.#step({ type: "resign" });
  }

  completeWrite(): void {
    const batch = this.writes.shift();
    if (batch === undefined) throw new Error("nothing is being written");
    this.replica.image.complete();
    this.#step({ type: "persisted", batch });
  }

  saveChunk(): void {
    const chunk = this.chunksToSave.shift();
    if (chunk === undefined) throw new Error("no chunk is to be saved");
    this.replica.saveChunk(chunk, this.now);
    this.#settle();
  }

  snapshot(): void {
    this.replica.saveSnapshot(this.now);
    this.#settle();
  }

  /** Lets time pass; the core is woken at each of its deadlines. */
  elapse(ms: number): void {
    const end = this.now + ms;
    while (this.replica.core.deadline() <= end) {
      this.now = Math.max(this.now, this.replica.core.deadline());
      this.#step({ type: "timer" });
    }
    this.now = end;
  }

  /** Lets time pass during a stall of the process: the core is woken late, once. */
  stall(ms: number): void {
    this.now += ms;
    this.#step({ type: "timer" });
  }

  /** The messages sent since the last call, to one peer or to all. */
  takeSent(to?: ReplicaId): Sent[] {
    const isTaken = (sent: Sent) => to === undefined || sent.to === to;
    const taken = this.#sent.filter(isTaken);
    this.#sent = this.#sent.filter((sent) => !isTaken(sent));
    return taken;
  }

  /** Waits for an election timeout and lets a quorum vote for this core. */
  becomeLeader(): void {
    this.elapse(this.replica.core.deadline() - this.now);
    this.#grantAll();
    this.#grantAll();
    if (this.view.role !== "leader") throw new Error(`${this.view.role} after a quorum of votes`);
  }

  #grantAll(): void {
    for (const sent of this.takeSent()) {
      if (sent.request.type !== "requestVote") continue;
      const { preVote, term } = sent.request;
      this.answer(sent, { type: "requestVote", term: preVote ? term - 1 : term, voteGranted: true });
    }
  }

  #step(input: Parameters<TestReplica["step"]>[0]): void {
    this.replica.step(input, this.now);
    this.#settle();
  }

  #settle(): void {
    for (let more = true; more; ) {
      const ready = this.replica.take();
      for (const message of ready.send) {
        if (message.type === "request") this.#sent.push(message);
        else this.#replies.set(message.callId, message.reply);
      }
      this.storageLost = ready.storageLost;
      this.unanswered.push(...ready.unanswered);
      this.chunks.push(...ready.sendChunks);
      for (const read of ready.reads) this.reads.push(read);
      this.chunksToSave.push(...ready.storeChunks);
      more = ready.more;
      if (ready.persist !== undefined) {
        this.replica.image.begin(ready.persist);
        this.writes.push(ready.persist);
      }
    }
    if (!this.slowDisk && this.writes.length > 0) this.completeWrite();
    if (!this.slowChunks && this.chunksToSave.length > 0) this.saveChunk();
  }
}

/** The AppendEntries that carry entries, of what was sent. */
export function withEntries(sent: readonly Sent[]): Sent[] {
  return sent.filter(({ request }) => request.type === "appendEntries" && request.entries.length > 0);
}

export function entriesOf({ request }: Sent): readonly LogEntry[] {
  return request.type === "appendEntries" ? request.entries : [];
}

function roundOf({ request }: Sent): number {
  if (request.type !== "appendEntries") throw new Error(`${request.type} is no AppendEntries`);
  return request.round;
}
