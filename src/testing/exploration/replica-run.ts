import {
  checkInvariants,
  defaultTuning,
  type Input,
  type LogEntry,
  type PersistedState,
  type Proposed,
  type RaftConfig,
  type RaftReply,
  type RaftRequest,
  type RaftView,
  type Ready,
  type ReplicaId,
  type RoleName,
  type WriteBatch,
} from "../../raft/index.ts";
import type { Disk } from "./disk.ts";
import { textOf } from "./intern.ts";
import type { LocalInput, ReplicaNumber } from "./local-input.ts";
import { checkReply, checkRequest } from "./persist-before-send.ts";
import { demand } from "./violation.ts";

/** The core to explore: `RaftCore`, or one with a planted bug. */
export interface ExplorableCore {
  step(input: Input, now: number): void;
  propose(command: Uint8Array): Proposed;
  take(): Ready;
  deadline(): number;
  view(): RaftView;
}

/** Creates a core from its configuration, its durable state and the present in ms. */
export type CoreMaker = (config: RaftConfig, restored: PersistedState, now: number) => ExplorableCore;

/** The state that all runs of replicas share. */
export interface World {
  readonly ids: readonly ReplicaId[];
  readonly makeCore: CoreMaker;
  /** Writes are durable at once, without an action. */
  readonly promptWrites: boolean;
}

/** The messages that a replica sent in one action. */
export interface Sent {
  /** The position of the received request among those that wait for a reply. */
  readonly position: number | undefined;
  readonly requests: readonly {
    readonly to: ReplicaNumber;
    readonly call: number;
    readonly request: RaftRequest;
  }[];
  /** `position` counts the waiting requests since there were none. */
  readonly replies: readonly { readonly position: number; readonly reply: RaftReply }[];
}

interface Outbox extends Sent {
  readonly requests: Sent["requests"][number][];
  readonly replies: Sent["replies"][number][];
}

/** The observable state of a replica between two actions. */
export interface Portrait {
  readonly replica: ReplicaNumber;
  readonly role: RoleName;
  readonly currentTerm: number;
  readonly commitIndex: number;
  readonly disk: Disk;
  readonly log: readonly LogEntry[];
  readonly isWriting: boolean;
  /** Whether there was contact with a leader within the shortest election timeout. */
  readonly hasLiveLeader: boolean;
  /** The unfinished calls of this leadership, by peer. */
  readonly openCalls: readonly (readonly number[])[];
  /**
   * A text of everything that determines the replica's next actions. Undefined while a write is in flight or a request
   * waits, because the core may hold messages that are not observable.
   */
  readonly identity: string | undefined;
}

/** One run of one replica from a start to a crash: a core, its disk and its clock. */
export class ReplicaRun {
  readonly #self: ReplicaNumber;
  readonly #ids: readonly ReplicaId[];
  readonly #promptWrites: boolean;
  readonly #core: ExplorableCore;
  #disk: Disk;
  #now = 0;
  #view: RaftView;
  #writing: WriteBatch | undefined;
  /** The time of the last contact with a leader, on this replica's clock. */
  #lastContactMs = Number.NEGATIVE_INFINITY;
  /** The requests of this run, by peer. */
  readonly #calls: RaftRequest[][];
  readonly #ended: Set<RaftRequest> = new Set();
  /** The messages exchanged with each peer since the last change of role or term. */
  #exchanges: unknown[][];
  /** The requests received since none waited, and those that still wait. */
  #asked: RaftRequest[] = [];
  readonly #waiting = new Set<number>();
  #firstCallId = 0;

  constructor(self: ReplicaNumber, { ids, makeCore, promptWrites }: World, disk: Disk) {
    this.#self = self;
    this.#ids = ids;
    this.#promptWrites = promptWrites;
    this.#disk = disk;
    const config = {
      ...defaultTuning,
      // More messages in flight allow more orders.
      maxInflightAppends: 4,
      pipelineFromMs: 0,
      id: this.#id(self),
      voters: ids,
      volatileStorage: true,
      random: () => 0.999,
    };
    this.#core = makeCore(config, disk.restored, 0);
    this.#view = this.#core.view();
    checkInvariants(undefined, this.#view);
    this.#calls = ids.map(() => []);
    this.#exchanges = ids.map(() => []);
  }

  get disk(): Disk {
    return this.#disk;
  }

  /** @throws ExplorationViolation or InvariantViolation if a rule is broken */
  perform(input: LocalInput): Sent {
    this.#takeIn(input);
    this.#observe();
    if (input.type === "request") this.#noteLeader(input.request);
    const position = input.type === "request" ? this.#asked.length - 1 : undefined;
    const sent: Outbox = { position, requests: [], replies: [] };
    this.#takeOut(sent);
    while (this.#promptWrites && this.#writing !== undefined) {
      this.#completeWrite();
      this.#observe();
      this.#takeOut(sent);
    }
    return sent;
  }

  portrait(): Portrait {
    const view = this.#view;
    const { role, currentTerm, commitIndex, lastLogIndex } = view;
    const isOpen = (request: RaftRequest | undefined) =>
      request?.type === "appendEntries" && request.term === currentTerm && !this.#ended.has(request);
    return {
      replica: this.#self,
      role,
      currentTerm,
      commitIndex,
      disk: this.#disk,
      log: view.entries(1, lastLogIndex),
      isWriting: this.#writing !== undefined,
      hasLiveLeader: this.#hasLiveLeader,
      openCalls: this.#calls.map((calls) => {
        const numbers = role === "leader" ? [...calls.keys()] : [];
        return numbers.filter((call) => isOpen(calls[call]));
      }),
      identity: this.#writing === undefined && this.#waiting.size === 0 ? this.#identity() : undefined,
    };
  }

  #identity(): string {
    const {
      role,
      currentTerm,
      votedFor,
      leader,
      commitIndex,
      lastApplied,
      durableIndex,
      leadershipIndex,
      peers,
    } = this.#view;
    const { hardState, entries } = this.#disk;
    const campaigns = role === "candidate" || role === "leader";
    return textOf([
      this.#self,
      [role, currentTerm, votedFor, leader, commitIndex, lastApplied, durableIndex, leadershipIndex],
      [hardState.currentTerm, hardState.votedFor, [...hardState.countedPeers].sort()],
      [this.#view.entries(1, this.#view.lastLogIndex), entries],
      this.#hasLiveLeader,
      peers.map(({ lastContactMs, ...peer }) => ({ ...peer, silentMs: this.#now - lastContactMs })),
      // Of calls in an earlier role only number, type and term can still matter.
      this.#calls.map((calls) => calls.map(({ type, term }) => `${type} ${term}`)),
      campaigns ? this.#exchanges : [],
    ]);
  }

  get #hasLiveLeader(): boolean {
    return (
      this.#view.role === "follower" && this.#now - this.#lastContactMs < defaultTuning.electionTimeoutMinMs
    );
  }

  #takeIn(input: LocalInput): void {
    switch (input.type) {
      case "campaign":
        this.#refuseVotes();
        this.#timeOut();
        // A candidate before its timeout asks again the peers that have not answered; here all have answered.
        if (this.#core.view().role === "candidate") this.#timeOut();
        return this.#grantPreVotes();
      case "heartbeat":
        return this.#timeOut();
      case "silence":
        this.#now = this.#lastContactMs + defaultTuning.electionTimeoutMinMs;
        return;
      case "write":
        return this.#completeWrite();
      case "propose": {
        const { type } = this.#core.propose(new TextEncoder().encode(input.command));
        return demand(type === "accepted", "a leader takes a proposal");
      }
      case "request": {
        const position = this.#asked.push(input.request) - 1;
        this.#waiting.add(position);
        const callId = this.#firstCallId + position;
        return this.#step({ type: "request", callId, from: this.#id(input.from), request: input.request });
      }
      case "reply":
      case "failed":
        return this.#endCall(input);
      case "crash":
        throw new TypeError("a crash ends a run");
    }
  }

  #timeOut(): void {
    this.#now = Math.max(this.#now, this.#core.deadline());
    this.#step({ type: "timer" });
  }

  /** A refusal does not bind, so the exchange is skipped. Without one a candidate would stay in its term (§5.2). */
  #refuseVotes(): void {
    const { role, currentTerm: term, lastLogIndex, lastLogTerm } = this.#view;
    if (role !== "candidate") return;
    const candidateId = this.#id(this.#self);
    const request = {
      type: "requestVote",
      term,
      candidateId,
      lastLogIndex,
      lastLogTerm,
      preVote: false,
    } as const;
    for (const from of this.#ids) {
      if (from === candidateId) continue;
      this.#step({ type: "reply", from, request, reply: { type: "requestVote", term, voteGranted: false } });
    }
  }

  /** Pre-votes do not bind, so the exchange is skipped: any candidate might get them (thesis §9.6). */
  #grantPreVotes(): void {
    const { currentTerm, lastLogIndex, lastLogTerm } = this.#view;
    const candidateId = this.#id(this.#self);
    const term = currentTerm + 1;
    const request = {
      type: "requestVote",
      term,
      candidateId,
      lastLogIndex,
      lastLogTerm,
      preVote: true,
    } as const;
    const reply = { type: "requestVote", term: currentTerm, voteGranted: true } as const;
    for (const from of this.#ids) {
      if (from === candidateId || this.#core.view().role !== "preCandidate") continue;
      this.#step({ type: "reply", from, request, reply });
    }
  }

  #completeWrite(): void {
    const batch = this.#writing;
    demand(batch !== undefined, "a write is in flight");
    this.#writing = undefined;
    this.#disk = this.#disk.write(batch);
    this.#step({ type: "persisted", batch });
  }

  #endCall(input: Extract<LocalInput, { type: "reply" | "failed" }>): void {
    const peer = input.type === "reply" ? input.from : input.to;
    const request = this.#calls[peer]?.[input.call];
    if (request === undefined) throw new RangeError(`call: ${this.#id(peer)} was not sent ${input.call}`);
    this.#ended.add(request);
    const id = this.#id(peer);
    if (input.type === "failed") {
      this.#exchanges[peer]?.push(input.call);
      return this.#step({ type: "failed", to: id, request });
    }
    this.#exchanges[peer]?.push(input.call, input.reply);
    this.#step({ type: "reply", from: id, request, reply: input.reply });
  }

  #takeOut(sent: Outbox): void {
    for (let more = true; more; ) {
      const ready = this.#core.take();
      this.#apply(ready.apply);
      this.#observe();
      this.#send(ready, sent);
      this.#writing = ready.persist ?? this.#writing;
      more = ready.more;
    }
  }

  #step(input: Input): void {
    this.#core.step(input, this.#now);
  }

  #observe(): void {
    const before = this.#view;
    this.#view = this.#core.view();
    checkInvariants(before, this.#view);
    if (before.role === this.#view.role && before.currentTerm === this.#view.currentTerm) return;
    this.#lastContactMs = Number.NEGATIVE_INFINITY;
    this.#exchanges = this.#ids.map(() => []);
  }

  #noteLeader(request: RaftRequest): void {
    const speaks = request.type === "appendEntries" || request.type === "installSnapshot";
    if (speaks && request.term === this.#view.currentTerm) this.#lastContactMs = this.#now;
  }

  #apply(entries: readonly LogEntry[]): void {
    let next = this.#view.lastApplied + 1;
    for (const entry of entries) {
      demand(entry.index === next++, "committed entries are applied in order, each once (§5.3)");
      const [own] = this.#core.view().entries(entry.index, entry.index);
      demand(textOf(own) === textOf(entry), "what is applied is in the log (§5.3)");
    }
  }

  #send(ready: Ready, sent: Outbox): void {
    for (const message of ready.send) {
      if (message.type === "request") {
        const { request } = message;
        if (request.type === "requestVote" && request.preVote) continue;
        checkRequest(this.#disk, request);
        const to = this.#ids.indexOf(message.to);
        const call = (this.#calls[to]?.push(request) ?? 0) - 1;
        this.#exchanges[to]?.push(request);
        sent.requests.push({ to, call, request });
      } else {
        const position = message.callId - this.#firstCallId;
        const request = this.#asked[position];
        demand(request !== undefined && this.#waiting.delete(position), "a request is answered once");
        checkReply(this.#disk, request, message.reply);
        sent.replies.push({ position, reply: message.reply });
      }
    }
    if (this.#waiting.size > 0) return;
    this.#firstCallId += this.#asked.length;
    this.#asked = [];
  }

  #id(replica: ReplicaNumber): ReplicaId {
    const id = this.#ids[replica];
    if (id === undefined) throw new RangeError(`replica: 0 to ${this.#ids.length - 1}, not ${replica}`);
    return id;
  }
}
