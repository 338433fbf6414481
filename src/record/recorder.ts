import type { ReplicaStart, TracedInput, Tracer } from "../ports/index.ts";
import type { Ready } from "../raft/index.ts";
import { encodeItem } from "./encoding.ts";
import { handedOut, Numbers } from "./numbers.ts";
import { outlineOf } from "./outline.ts";
import { RECORD_VERSION, type RecordedInput, type RecordItem } from "./record-item.ts";

/**
 * Records all inputs of one replica's core, and its outputs, so that they can be replayed.
 *
 * @example
 * ```ts
 * import { Raft, replicaId } from "ruaft";
 * import { memoryPersister } from "ruaft/adapters/memory";
 * import { Recorder } from "ruaft/record";
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
 * console.log(pieces.length > 0); // true
 * ```
 */
export class Recorder implements Tracer {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #numbers = new Numbers();
  #pieces: Uint8Array[] = [];

  /** @param write called with the recorded bytes, once for each turn of the replica */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  started({ config, seed, restored, nowMs }: ReplicaStart): void {
    // Functions can't be recorded.
    const data = Object.fromEntries(
      Object.entries(config).filter(([, value]) => typeof value !== "function"),
    );
    const start = { config: data as unknown as ReplicaStart["config"], seed, restored, nowMs };
    this.#add({ type: "started", version: RECORD_VERSION, start });
    this.flush();
  }

  stepped(input: TracedInput, _view: unknown, nowMs: number): void {
    this.#add({ type: "stepped", input: this.#recorded(input), nowMs });
  }

  took(ready: Ready): void {
    for (const object of handedOut(ready)) this.#numbers.assign(object);
    this.#add({ type: "took", ready: outlineOf(ready) });
    this.flush();
  }

  /** Writes the inputs of a turn that has not ended. */
  flush(): void {
    const pieces = this.#pieces;
    if (pieces.length === 0) return;
    this.#pieces = [];
    const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let end = 0;
    for (const piece of pieces) {
      bytes.set(piece, end);
      end += piece.length;
    }
    this.#write(bytes);
  }

  #recorded(input: TracedInput): RecordedInput {
    switch (input.type) {
      case "reply": {
        const number = this.#numbers.numberOf(input.request);
        return number === undefined ? input : { ...input, request: number };
      }
      case "failed":
        return { ...input, request: this.#numberOf(input.request) };
      case "persisted":
      case "writeRefused":
        return { type: input.type, batch: this.#numberOf(input.batch) };
      default:
        return input;
    }
  }

  #numberOf(object: object): number {
    const number = this.#numbers.numberOf(object);
    if (number === undefined) throw new TypeError("input: must be an object that the core handed out");
    return number;
  }

  #add(item: RecordItem): void {
    this.#pieces.push(encodeItem(item));
  }
}
