import { type Command, encodeCommand, KvStore, type KvStoreLimits } from "../../src/kv/index.ts";

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (value: Uint8Array | undefined): string | undefined =>
  value && new TextDecoder().decode(value);

/** A log that is applied to a store as it is written. */
export class History {
  readonly store: KvStore;
  timeMs = 600_000;
  index = 0;

  constructor(limits: Partial<KvStoreLimits> = {}) {
    this.store = new KvStore(limits);
  }

  apply(command: Command): ReturnType<KvStore["apply"]> {
    this.index++;
    return this.store.apply(encodeCommand(command), { index: this.index });
  }

  /** Ids are the indices of the entries by default, which are easy to read. */
  tryOpenSession(owner = "n1", session: number = this.index + 1): ReturnType<KvStore["apply"]> {
    return this.apply({ type: "openSession", timeMs: this.timeMs, session, owner });
  }

  openSession(owner?: string): number {
    const result = this.tryOpenSession(owner);
    if (result.type !== "session") {
      throw new Error(`opening a session gave ${result.type}`);
    }
    return result.session;
  }

  commitSentinel(): ReturnType<KvStore["apply"]> {
    return this.apply({ type: "commitSentinel", timeMs: this.timeMs });
  }

  put(session: number, sequence: number, write: Write = {}): ReturnType<KvStore["apply"]> {
    return this.#write("put", session, sequence, write);
  }

  append(session: number, sequence: number, write: Write = {}): ReturnType<KvStore["apply"]> {
    return this.#write("append", session, sequence, write);
  }

  register(session: number, sequence: number, change: Change = {}): ReturnType<KvStore["apply"]> {
    const { owner = "n1", name = "name", expected, event = "", lowestPending = 1 } = change;
    const value = "value" in change ? change.value : "v";
    return this.apply({
      type: "register",
      timeMs: this.timeMs,
      session,
      sequence,
      lowestPending,
      owner,
      name,
      value: value === undefined ? undefined : bytes(value),
      expected,
      event: bytes(event),
    });
  }

  /** The value of a name of the registry, as text. */
  registered(name = "name"): string | undefined {
    return text(this.store.registry.get(name)?.value);
  }

  /** The value under a key, as text. */
  read(key = "k"): string | undefined {
    return text(this.store.get(bytes(key))?.value);
  }

  #write(
    type: "put" | "append",
    session: number,
    sequence: number,
    { owner = "n1", key = "k", value = "v", lowestPending = 1 }: Write,
  ): ReturnType<KvStore["apply"]> {
    const { timeMs } = this;
    return this.apply({
      type,
      timeMs,
      session,
      sequence,
      lowestPending,
      owner,
      key: typeof key === "string" ? bytes(key) : key,
      value: typeof value === "string" ? bytes(value) : value,
    });
  }
}

interface Change {
  readonly owner?: string;
  readonly name?: string;
  /** Undefined to remove the name. Default: "v". */
  readonly value?: string | undefined;
  readonly expected?: number;
  readonly event?: string;
  readonly lowestPending?: number;
}

interface Write {
  readonly owner?: string;
  readonly key?: string | Uint8Array;
  readonly value?: string | Uint8Array;
  readonly lowestPending?: number;
}

/** A snapshot in one piece. */
export function join(chunks: Iterable<Uint8Array>): Uint8Array {
  return new Uint8Array(Buffer.concat([...chunks]));
}

/** Replaces the state of a store by a snapshot. */
export function restore(store: KvStore, chunks: Iterable<Uint8Array>): void {
  const restoring = store.restore();
  for (const chunk of chunks) restoring.push(chunk);
  restoring.finish();
}

/** A snapshot as sent by a transport: pieces of the given sizes, repeatedly. */
export function* cut(whole: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let offset = 0, turn = 0; offset < whole.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield whole.subarray(offset, offset + size);
    offset += size;
  }
}
