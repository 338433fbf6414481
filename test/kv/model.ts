import type { Command, KvResult, WriteCommand } from "../../src/kv/index.ts";

interface ModelSession {
  readonly id: number;
  readonly results: Map<number, KvResult>;
  lastUsedMs: number;
  lowestPending: number;
}

export interface ModelLimits {
  readonly maxValueBytes: number;
  readonly maxSessions: number;
  readonly maxPendingPerSession: number;
  readonly sessionInUseMs: number;
  readonly sessionTtlMs: number;
}

/** A simple, slow store that keeps every result it may keep. */
export class Model {
  readonly #limits: ModelLimits;
  readonly values: Map<string, { readonly value: readonly number[]; readonly revision: number }> = new Map();
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
        while (this.#sessions.length >= this.#limits.maxSessions) {
          const leastUsedMs = this.#sessions[0]?.lastUsedMs ?? 0;
          if (this.#clockMs - leastUsedMs < this.#limits.sessionInUseMs) return { type: "tooManySessions" };
          this.#sessions.shift();
        }
        this.#sessions.push({ id: index, results: new Map(), lastUsedMs: this.#clockMs, lowestPending: 0 });
        return { type: "session", session: index };
      default:
        return this.#write(command, index);
    }
  }

  #write(command: WriteCommand, index: number): KvResult {
    const session = this.#sessions.find(({ id }) => id === command.session);
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
    const result = this.#change(command, index);
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
}
