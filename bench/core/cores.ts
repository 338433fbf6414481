import {
  defaultTuning,
  emptyState,
  type Input,
  type LogEntry,
  RaftCore,
  type RaftRequest,
  type ReplicaId,
  replicaId,
} from "../../src/raft/index.ts";

const voters = ["n1", "n2", "n3"].map(replicaId);
/** After this many entries a replica compacts its log, as if a snapshot covered them. */
const COMPACT_EVERY = 16_384;

interface Call {
  readonly from: Node;
  readonly to: ReplicaId;
  readonly request: RaftRequest;
}

interface Node {
  readonly id: ReplicaId;
  readonly core: RaftCore;
  uncovered: number;
}

/** Three cores in a minimal world: messages arrive at once, writes are durable at once, and time does not advance. */
export class Cores {
  /** The number of inputs and proposals so far. */
  steps = 0;
  readonly #compacts: boolean;
  readonly #nodes: ReadonlyMap<ReplicaId, Node>;
  readonly #leader: Node;
  readonly #calls: Map<number, Call> = new Map();
  readonly #nowMs: number;
  #callId = 0;

  /** @param compacts whether logs are compacted, as in a replica that runs for long */
  constructor(compacts: boolean) {
    this.#compacts = compacts;
    const nodes = voters.map((id): [ReplicaId, Node] => [id, { id, core: newCore(id), uncovered: 0 }]);
    this.#nodes = new Map(nodes);
    this.#leader = this.#node(voters[0]);
    this.#nowMs = this.#leader.core.deadline();
    this.#step(this.#leader, { type: "timer" });
    this.#settle();
    if (this.#leader.core.view().role !== "leader") throw new Error("the core was not elected");
  }

  /** Replicates entries of 100 bytes at once, until all replicas have them and the leader has applied them. */
  replicate(entries: number): void {
    for (let n = 0; n < entries; n++) {
      this.steps++;
      const { type } = this.#leader.core.propose(new Uint8Array(100));
      if (type !== "accepted") throw new Error(`the core answered a proposal with ${type}`);
    }
    this.#settle();
  }

  #node(id: ReplicaId | undefined): Node {
    const node = id === undefined ? undefined : this.#nodes.get(id);
    if (node === undefined) throw new RangeError(`id: one of ${voters.join(", ")}, not ${id}`);
    return node;
  }

  #step(node: Node, input: Input): void {
    this.steps++;
    node.core.step(input, this.#nowMs);
  }

  /** Runs all cores until none has anything to do. */
  #settle(): void {
    for (let busy = true; busy; ) {
      busy = false;
      for (const node of this.#nodes.values()) if (this.#act(node)) busy = true;
    }
  }

  #act(node: Node): boolean {
    const { send, persist, apply, more } = node.core.take();
    for (const message of send) {
      if (message.type === "request") this.#call({ from: node, ...message });
      else this.#answer(message.callId, message.reply);
    }
    if (persist !== undefined) this.#step(node, { type: "persisted", batch: persist });
    this.#cover(node, apply);
    return send.length > 0 || persist !== undefined || more;
  }

  #call({ from, to, request }: Call): void {
    const callId = this.#callId++;
    this.#calls.set(callId, { from, to, request });
    this.#step(this.#node(to), { type: "request", callId, from: from.id, request });
  }

  #answer(callId: number, reply: (Input & { type: "reply" })["reply"]): void {
    const call = this.#calls.get(callId);
    if (call === undefined) throw new Error(`a second reply to call ${callId}`);
    this.#calls.delete(callId);
    this.#step(call.from, { type: "reply", from: call.to, request: call.request, reply });
  }

  #cover(node: Node, applied: readonly LogEntry[]): void {
    const last = applied.at(-1);
    if (last === undefined || !this.#compacts) return;
    node.uncovered += applied.length;
    if (node.uncovered < COMPACT_EVERY) return;
    node.uncovered = 0;
    const meta = node.core.snapshotMetaAt(last.index);
    if (meta === undefined) throw new Error(`entry ${last.index} is not in the log that applied it`);
    this.#step(node, { type: "snapshotSaved", meta });
  }
}

function newCore(id: ReplicaId): RaftCore {
  const config = {
    ...defaultTuning,
    retainedLogBytes: 0,
    id,
    voters,
    volatileStorage: true,
    random: () => 0.5,
  };
  return new RaftCore(config, emptyState, 0);
}
