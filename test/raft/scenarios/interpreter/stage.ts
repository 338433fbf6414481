import {
  type Input,
  type LogPosition,
  type RaftTuning,
  type Ready,
  type ReplicaId,
  replicaId,
} from "../../../../src/raft/index.ts";
import { SafetyMonitor } from "../../safety-monitor.ts";
import { Actor } from "./actor.ts";
import { batchInWords, changesInWords, commandsOf, roleInWords, see } from "./change-in-words.ts";
import { Post } from "./post.ts";
import { Reads } from "./reads.ts";
import { Recorder } from "./recorder.ts";

/** The replicas of a play and all that is between them. What a replica wants done is done, told and checked. */
export class Stage {
  readonly recorder: Recorder = new Recorder();
  readonly post: Post = new Post(this);
  readonly reads: Reads = new Reads();
  readonly monitor: SafetyMonitor = new SafetyMonitor();
  #actors: Actor[] = [];

  /** Brings the cast on: replicas `n1`, `n2`, … */
  cast(size: number, tuning: Partial<RaftTuning>): void {
    if (this.#actors.length > 0) throw new RangeError("the cluster stands already");
    const ids = Array.from({ length: size }, (_, at) => replicaId(`n${at + 1}`));
    this.#actors = ids.map((id) => new Actor(id, ids, tuning));
  }

  get actors(): readonly Actor[] {
    return this.#actors;
  }

  get ids(): ReplicaId[] {
    return this.#actors.map(({ id }) => id);
  }

  actor(name: string): Actor {
    const actor = this.#actors.find(({ id }) => id === name);
    if (actor === undefined) {
      throw new RangeError(`no replica ${name}, only ${this.ids.join(", ") || "an empty stage"}`);
    }
    return actor;
  }

  /** Several replicas by their names, or `all`. */
  group(names: string): Actor[] {
    if (names === "all") return [...this.#actors];
    return names.split(/,? /).map((name) => this.actor(name));
  }

  /** Starts a replica from what its disk holds. */
  start(actor: Actor): void {
    actor.seen = see(actor.start().core.view());
    this.settle(actor);
  }

  crash(actor: Actor): void {
    actor.crash();
    this.post.hungUp(actor);
  }

  tell(actor: Actor, line: string): void {
    this.recorder.say("event", line, actor.id);
  }

  step(actor: Actor, input: Input): void {
    actor.up.step(input, actor.nowMs);
    this.#notice(actor);
    this.settle(actor);
  }

  /** Does all that a replica wants done, as the shell does. */
  settle(actor: Actor): void {
    for (let again = true; again && actor.replica !== undefined; ) {
      const ready = actor.replica.take();
      this.#notice(actor);
      if (ready.storageLost !== undefined) {
        this.tell(
          actor,
          `stops: its storage is empty, and ${ready.storageLost.peer} counted on what it held`,
        );
        return this.crash(actor);
      }
      this.post.send(actor, ready);
      this.#begin(actor, ready);
      this.monitor.observe(actor.replica, ready);
      this.#apply(actor, ready);
      for (const outcome of ready.reads) {
        this.monitor.readAnswered(outcome);
        this.tell(actor, this.reads.ended(outcome));
      }
      again = ready.more;
      if (actor.slowDisk) continue;
      if (actor.writing !== undefined) again = this.#finish(actor);
      for (const chunk of actor.chunks.splice(0)) again = this.#save(actor, chunk);
    }
  }

  /** The write in flight is durable, and the replica hears of it. */
  completeWrite(actor: Actor): void {
    this.#finish(actor);
    this.settle(actor);
  }

  saveChunk(actor: Actor): void {
    const chunk = actor.chunks.shift();
    if (chunk === undefined) throw new RangeError(`${actor.id} has no chunk to save`);
    this.#save(actor, chunk);
    this.settle(actor);
  }

  /** Tells what changed since the last time one looked. */
  #notice(actor: Actor): void {
    const view = actor.up.core.view();
    const changes = actor.seen === undefined ? [] : changesInWords(actor.seen, view);
    for (const [weight, line] of changes) this.recorder.say(weight, line, actor.id);
    actor.seen = see(view);
  }

  #begin(actor: Actor, { persist, storeChunks }: Ready): void {
    actor.chunks.push(...storeChunks);
    if (persist === undefined) return;
    actor.image.begin(persist);
    actor.writing = persist;
    if (actor.slowDisk) {
      this.recorder.say("detail", `is writing ${batchInWords(persist, actor.image)}`, actor.id);
    }
  }

  #finish(actor: Actor): boolean {
    const batch = actor.writing;
    if (batch === undefined) throw new RangeError(`${actor.id} is not writing anything`);
    this.recorder.say("detail", `wrote ${batchInWords(batch, actor.image)}`, actor.id);
    actor.writing = undefined;
    actor.image.complete();
    actor.up.step({ type: "persisted", batch }, actor.nowMs);
    this.#notice(actor);
    return true;
  }

  #apply(actor: Actor, { apply }: Ready): void {
    const commands = commandsOf(apply);
    if (commands.length > 0) this.tell(actor, `applies ${commands.join(" ")}`);
  }

  #save(actor: Actor, chunk: Ready["storeChunks"][number]): boolean {
    actor.up.saveChunk(chunk, actor.nowMs);
    if (chunk.done) {
      const { lastIncludedIndex: index, lastIncludedTerm: term } = chunk.meta;
      this.tell(
        actor,
        `state is now the snapshot's at ${index}@${term}: ${actor.up.applied.map((command) => command.trimEnd()).join(" ")}`,
      );
    } else {
      this.recorder.say("detail", `saved bytes up to ${chunk.offset + chunk.data.length}`, actor.id);
    }
    this.#notice(actor);
    return true;
  }
}

/** A replica's state in one line, as it comes up again. */
export function stateInWords(actor: Actor): string {
  const view = actor.up.core.view();
  const positions: LogPosition[] = [...view.entries(view.firstLogIndex, view.lastLogIndex)];
  const parts = [roleInWords(view)];
  if (view.votedFor !== undefined) parts.push(`voted for ${view.votedFor}`);
  if (view.snapshot !== undefined) {
    parts.push(`snapshot ${view.snapshot.lastIncludedIndex}@${view.snapshot.lastIncludedTerm}`);
  }
  const log = positions.map(({ index, term }) => `${index}@${term}`).join(" ");
  return [...parts, log === "" ? "no log" : `log ${log}`].join(", ");
}
