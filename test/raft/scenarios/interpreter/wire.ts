import type { ReplicaId } from "../../../../src/raft/index.ts";
import { type Message, type Selection, select } from "./messages.ts";

/** The messages in flight, in the order in which they were sent, and the cut links. */
export class Wire {
  #messages: Message[] = [];
  readonly #aside = new Map<string, Message[]>();
  readonly #cut = new Set<string>();

  get messages(): readonly Message[] {
    return this.#messages;
  }

  send(message: Message): void {
    this.#messages.push(message);
  }

  /** Removes messages from the wire. */
  take(selection: Selection): Message[] {
    const taken = select(this.#messages, selection);
    this.#messages = this.#messages.filter((message) => !taken.includes(message));
    return taken;
  }

  takeOne(message: Message): void {
    this.#messages = this.#messages.filter((other) => other !== message);
  }

  setAside(label: string, messages: readonly Message[]): void {
    this.#aside.set(label, [...messages]);
  }

  takeAside(label: string): Message[] {
    const messages = this.#aside.get(label);
    if (messages === undefined) {
      throw new RangeError(
        `no messages were set aside as ${label}, only ${[...this.#aside.keys()].join(", ")}`,
      );
    }
    this.#aside.delete(label);
    return messages;
  }

  cut(from: ReplicaId, to: ReplicaId): void {
    this.#cut.add(`${from} ${to}`);
  }

  heal(): void {
    this.#cut.clear();
  }

  isCut({ from, to }: Message): boolean {
    return this.#cut.has(`${from} ${to}`);
  }
}
