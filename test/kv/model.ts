import type { Command, KvResult, RegisterCommand, WriteCommand } from "../../src/kv/index.ts";

interface ModelSession {
  readonly id: number;
  readonly owner: string;
  readonly results: Map<number, KvResult>;
  lastUsedMs: number;
  lowestPending: number;
}

export interface ModelLimits {
  readonly maxValueBytes: number;
  readonly maxSessions: number;
  readonly maxSessionsPerOwner: number;
  readonly maxPendingPerSession: number;
  readonly sessionInUseMs: number;
  readonly sessionTtlMs: number;
  readonly maxRegistryNames: number;
  readonly maxRegistryEvents: number;
}

/** A simple, slow store that keeps every result it may keep. */
export class Model {
  readonly #limits: ModelLimits;
  readonly values: Map<string, { readonly value: readonly number[]; readonly revision: number }> = new Map();
  readonly registry: Map<string, { readonly value: Uint8Array; readonly revision: number }> = new Map();
  /** All events, oldest first. */
  readonly events: { readonly index: number; readonly timeMs: number; readonly content: Uint8Array }[] = [];
  #sessions: ModelSession[] = [];
  #clockMs = 0;

  constructor(limits: ModelLimits) {
    this.#limits = limits;
  }

  apply(command: Command, index: number): KvResult {
    this.#clockMs = Math.max(this.#clockMs, command.timeMs);
    this.#sessions = this.#sessions.filter(
      ({ lastUsedMs }) => lastUsedMs + this.#limits.sessionTtlMs >= this.#clockMs,
    );
    switch (command.type) {
      case "commitSentinel":
      case "audit":
        return { type: "written", revision: index };
      case "openSession":
        return this.#open(command.session, command.owner);
      default:
        return this.#write(command, index);
    }
  }

  #open(id: number, owner: string): KvResult {
    if (this.#sessions.some((session) => session.id === id)) return { type: "overloaded" };
    const own = this.#sessions.filter((session) => session.owner === owner);
    const { maxSessions, maxSessionsPerOwner, sessionInUseMs } = this.#limits;
    if (this.#sessions.length >= maxSessions || own.length >= maxSessionsPerOwner) {
      const [oldest] = own;
      if (oldest === undefined || this.#clockMs - oldest.lastUsedMs < sessionInUseMs) {
        return { type: "tooManySessions" };
      }
      this.#sessions = this.#sessions.filter((session) => session !== oldest);
    }
    this.#sessions.push({ id, owner, results: new Map(), lastUsedMs: this.#clockMs, lowestPending: 0 });
    return { type: "session", session: id };
  }

  #write(command: WriteCommand | RegisterCommand, index: number): KvResult {
    const session = this.#sessions.find(({ id, owner }) => id === command.session && owner === command.owner);
    if (session === undefined) {
      return { type: "sessionExpired" };
    }
    this.#sessions = [...this.#sessions.filter((other) => other !== session), session];
    session.lastUsedMs = this.#clockMs;
    session.lowestPending = Math.max(session.lowestPending, command.lowestPending);
    if (command.sequence < session.lowestPending) {
      return { type: "sessionExpired" };
    }
    const first = session.results.get(command.sequence);
    if (first !== undefined) {
      return first;
    }
    if (command.sequence - session.lowestPending >= this.#limits.maxPendingPerSession) {
      return { type: "overloaded" };
    }
    const result =
      command.type === "register" ? this.#register(command, index) : this.#change(command, index);
    session.results.set(command.sequence, result);
    return result;
  }

  #change({ type, key, value }: WriteCommand, index: number): KvResult {
    const name = key.join();
    const before = type === "append" ? (this.values.get(name)?.value ?? []) : [];
    const after = [...before, ...value];
    if (after.length > this.#limits.maxValueBytes) {
      return { type: "tooLarge", limitBytes: this.#limits.maxValueBytes };
    }
    this.values.set(name, { value: after, revision: index });
    return { type: "written", revision: index };
  }

  #register({ name, value, expected, event }: RegisterCommand, index: number): KvResult {
    const revision = this.registry.get(name)?.revision ?? 0;
    if (expected !== undefined && expected !== revision) return { type: "conflict", revision };
    const isFull = this.registry.size === this.#limits.maxRegistryNames && !this.registry.has(name);
    if (value !== undefined && isFull) return { type: "registryFull" };
    if (value === undefined) this.registry.delete(name);
    else this.registry.set(name, { value, revision: index });
    if (event.length > 0) this.events.push({ index, timeMs: this.#clockMs, content: event });
    return { type: "written", revision: index };
  }
}
