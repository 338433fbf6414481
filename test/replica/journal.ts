import type { StateMachine } from "../../src/ports/index.ts";

/** A state machine that remembers its commands as text, and answers each with how many there are. */
export class Journal implements StateMachine<number> {
  commands: string[] = [];
  restored = 0;

  apply(command: Uint8Array): number {
    const text = new TextDecoder().decode(command);
    if (text === "poison") throw new Error("a command that nobody can apply");
    return this.commands.push(text);
  }

  *snapshot(): Iterable<Uint8Array> {
    const { commands } = this;
    this.commands = [...commands];
    for (const command of commands) yield new TextEncoder().encode(`${command}\n`);
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    let text = "";
    for await (const chunk of chunks) text += new TextDecoder().decode(chunk, { stream: true });
    this.commands = text.split("\n").slice(0, -1);
    this.restored++;
  }
}
