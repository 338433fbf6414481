import type { StateMachine } from "../../../src/ports/index.ts";
import type { LogPosition } from "../../../src/raft/index.ts";
import { hashOfBytes } from "../../../src/testing/simulator/world/index.ts";

/** A state machine that keeps its commands, and answers each with how many there are. */
export class Journal implements StateMachine<number> {
  /** Called when the command at an index has been applied. */
  onApplied: (index: number) => void = () => {};
  /** Number of snapshots that the state was restored from since the last start. */
  restored = 0;
  /** In the order of their indices. */
  #commands = new Map<number, string>();
  #hash = 0;

  /** The command at an index of the log; undefined for a no-op, and if none has been applied yet. */
  at(index: number): string | undefined {
    return this.#commands.get(index);
  }

  get commands(): readonly string[] {
    return [...this.#commands.values()];
  }

  get count(): number {
    return this.#commands.size;
  }

  apply(command: Uint8Array, { index }: LogPosition): number {
    this.#add(index, command);
    this.onApplied(index);
    return this.#commands.size;
  }

  /** A hash of all commands in their order. */
  digest(): Uint8Array {
    return new TextEncoder().encode(`${this.#commands.size} ${this.#hash}`);
  }

  snapshot(): Iterable<Uint8Array> {
    const lines = [...this.#commands].map(([index, command]) => `${index} ${command}\n`);
    return [new TextEncoder().encode(lines.join(""))];
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
    this.#commands = new Map();
    this.#hash = 0;
    for (const [, index, command = ""] of text.matchAll(/^(\d+) (.*)$/gm)) {
      this.#add(Number(index), new TextEncoder().encode(command));
    }
    this.restored++;
  }

  #add(index: number, command: Uint8Array): void {
    this.#commands.set(index, new TextDecoder().decode(command));
    this.#hash = hashOfBytes(command, this.#hash ^ index);
  }
}
