import type { RegisterOptions, RegisterResult, RegistryView } from "../../../src/kvraft/index.ts";
import type { AccessRecords } from "../../../src/service/auth/index.ts";

type Entry = ReturnType<RegistryView["entries"]>[number];
type Event = ReturnType<RegistryView["events"]>[number];

const encoder = new TextEncoder();

/** Records of one process, as if each change were committed and applied at once. */
export class MemoryRecords implements AccessRecords {
  clockMs = 0;
  /** The next result of a change, which is not made. Default: the change is made. */
  nextResult: RegisterResult | undefined;
  readonly #byName = new Map<string, Entry>();
  readonly #events: Event[] = [];
  readonly #listeners = new Set<() => void>();
  #revision = 0;

  get(name: string): Entry | undefined {
    return this.#byName.get(name);
  }

  entries(prefix = ""): Entry[] {
    return [...this.#byName.values()].filter(({ name }) => name.startsWith(prefix));
  }

  events(): Event[] {
    return this.#events;
  }

  changed(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async reached(): Promise<boolean> {
    return true;
  }

  async register(
    name: string,
    given: string | Uint8Array | undefined,
    { expected, event }: RegisterOptions = {},
  ): Promise<RegisterResult> {
    const planned = this.nextResult;
    this.nextResult = undefined;
    if (planned !== undefined) return planned;
    const value = typeof given === "string" ? encoder.encode(given) : given;
    const present = this.#byName.get(name)?.revision ?? 0;
    if (expected !== undefined && expected !== present) return { type: "conflict", revision: present };
    const revision = ++this.#revision;
    if (value === undefined) this.#byName.delete(name);
    else this.#byName.set(name, { name, value, revision });
    if (event !== undefined)
      this.#events.push({
        index: revision,
        timeMs: this.clockMs,
        content: typeof event === "string" ? encoder.encode(event) : event,
      });
    for (const listener of this.#listeners) listener();
    return { type: "written", revision };
  }
}
