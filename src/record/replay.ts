import { type Input, RaftCore, type RaftRequest, seededRandom, type WriteBatch } from "../raft/index.ts";
import { HandedOut } from "./handed-out.ts";
import { differenceOf, outlineOf } from "./outline.ts";
import type { RecordedInput, RecordItem } from "./record-item.ts";

/** A difference between a replayed core and the recorded replica. */
export interface Difference {
  /** Number of the item in the record, from 1. */
  readonly item: number;
  /** The place, and what was recorded and replayed there. */
  readonly what: string;
}

/**
 * Gives a core the recorded inputs of a replica, and compares its outputs with the recorded ones.
 *
 * @example
 * ```ts
 * import { Raft, replicaId } from "ruaft";
 * import { memoryPersister } from "ruaft/adapters/memory";
 * import { Recorder, RecordReader, Replay } from "ruaft/record";
 * import { LoopbackNetwork } from "ruaft/transports/loopback";
 *
 * const clusterId = "example";
 * const id = replicaId("n1");
 * const transport = new LoopbackNetwork({ clusterId }).transport(id);
 * const persister = memoryPersister({ clusterId, replicaId: id });
 * const stateMachine = { apply: () => undefined, snapshot: () => [], restore: async () => {} };
 *
 * const pieces: Uint8Array[] = [];
 * const tracer = new Recorder((bytes) => pieces.push(bytes));
 * const raft = await Raft.start({ id, voters: [id], transport, persister, stateMachine, tracer });
 * for await (const { role } of raft.changes()) if (role === "leader") break;
 * await raft.kill();
 *
 * const [reader, replay] = [new RecordReader(), new Replay()];
 * for (const bytes of pieces) {
 *   for (const item of reader.push(bytes)) {
 *     const difference = replay.next(item);
 *     if (difference !== undefined) throw new Error(`item ${difference.item}: ${difference.what}`);
 *   }
 * }
 * console.log(replay.counts.starts); // 1
 * ```
 */
export class Replay {
  #core: RaftCore | undefined;
  #handedOut = new HandedOut();
  /** Number of items, starts, inputs and turns so far. */
  readonly counts = { items: 0, starts: 0, inputs: 0, turns: 0 };

  /**
   * Replays the next item of a record.
   *
   * @param item of the record, in its order
   * @returns the first difference, after which the replay can't continue; undefined if there is none
   * @throws RangeError if the record does not begin with a start, or refers to an object that was not handed out
   */
  next(item: RecordItem): Difference | undefined {
    this.counts.items++;
    const what = this.#replay(item);
    return what === undefined ? undefined : { item: this.counts.items, what };
  }

  #replay(item: RecordItem): string | undefined {
    if (item.type === "started") {
      const { config, seed, restored, nowMs } = item.start;
      this.counts.starts++;
      this.#handedOut = new HandedOut();
      this.#core = new RaftCore({ ...config, random: seededRandom(seed) }, restored, nowMs);
      return undefined;
    }
    const core = this.#core;
    if (core === undefined)
      throw new RangeError(`item: a record must begin with a start, not with ${item.type}`);
    if (item.type === "stepped") {
      this.counts.inputs++;
      return this.#step(core, item.input, item.nowMs);
    }
    this.counts.turns++;
    const ready = core.take();
    this.#handedOut.add(ready);
    return differenceOf(item.ready, outlineOf(ready), "ready");
  }

  #step(core: RaftCore, input: RecordedInput, nowMs: number): string | undefined {
    if (input.type === "propose") {
      return differenceOf(outlineOf(input.proposed), outlineOf(core.propose(input.data)), "proposed");
    }
    core.step(this.#handedBack(input), nowMs);
    return undefined;
  }

  #handedBack(input: Exclude<RecordedInput, { readonly type: "propose" }>): Input {
    switch (input.type) {
      case "reply": {
        const { request } = input;
        if (typeof request !== "number") return { ...input, request };
        return { ...input, request: this.#handedOut.takeBack(request) as RaftRequest };
      }
      case "failed":
        return { ...input, request: this.#handedOut.takeBack(input.request) as RaftRequest };
      case "persisted":
      case "writeRefused":
        return { type: input.type, batch: this.#handedOut.takeBack(input.batch) as WriteBatch };
      default:
        return input;
    }
  }
}
