import { describe, expect, test } from "vitest";
import { encodeCommand, type KvStoreLimits } from "../../src/kv/index.ts";
import { seededRandom } from "../raft/random.ts";
import { bytes, cut, History, join, restore } from "./history.ts";

const expired = { type: "sessionExpired" };
const overloaded = { type: "overloaded" };

/** A second replica that starts from a snapshot of the first. */
function restoredFrom(history: History, limits: Partial<KvStoreLimits> = {}): History {
  const other = new History(limits);
  restore(other.store, cut(join(history.store.snapshot()), [1000]));
  other.index = history.index;
  other.timeMs = history.timeMs;
  return other;
}

describe("a write", () => {
  test("that is repeated is answered with the first result and takes effect once", () => {
    const history = new History();
    const session = history.openSession();
    const first = history.append(session, 1, { value: "x" });
    expect(history.append(session, 1, { value: "x" })).toEqual(first);
    expect(history.read()).toBe("x");
  });

  test("is distinguished by its session from others with the same sequence", () => {
    const history = new History();
    const [a, b] = [history.openSession(), history.openSession()];
    history.append(a, 1, { value: "a" });
    history.append(b, 1, { value: "b" });
    expect(history.read()).toBe("ab");
  });

  test("may overtake earlier ones of its session", () => {
    const history = new History();
    const session = history.openSession();
    for (const sequence of [3, 1, 2, 3, 2, 1]) {
      history.append(session, sequence, { value: `${sequence}` });
    }
    expect(history.read()).toBe("312");
  });

  test("under a session that was never opened writes nothing", () => {
    const history = new History();
    expect(history.put(77, 1)).toEqual(expired);
    expect(history.read()).toBeUndefined();
  });

  test("whose result the client no longer waits for is never run again", () => {
    const history = new History();
    const session = history.openSession();
    history.append(session, 1, { value: "1" });
    history.append(session, 2, { value: "2", lowestPending: 2 });
    expect(history.append(session, 1, { value: "1" })).toEqual(expired);
    expect(history.append(session, 2, { value: "2", lowestPending: 1 }).type).toBe("written");
    expect(history.read()).toBe("12");
  });

  test("that was never applied is not applied after the client has stopped waiting for it", () => {
    const history = new History();
    const session = history.openSession();
    history.append(session, 5, { value: "5", lowestPending: 5 });
    expect(history.append(session, 4, { value: "4" })).toEqual(expired);
    expect(history.read()).toBe("5");
  });

  test("too far ahead of the lowest pending one is refused until that one is answered", () => {
    const history = new History({ maxPendingPerSession: 3 });
    const session = history.openSession();
    history.append(session, 2, { value: "2" });
    history.append(session, 3, { value: "3" });
    expect(history.append(session, 4, { value: "4" })).toEqual(overloaded);
    expect(history.read()).toBe("23");
    expect(history.append(session, 1, { value: "1" }).type).toBe("written");
    expect(history.append(session, 4, { value: "4", lowestPending: 2 }).type).toBe("written");
    expect(history.read()).toBe("2314");
  });

  test("is answered after the client has jumped as far ahead as numbers go", () => {
    const history = new History();
    const session = history.openSession();
    for (let sequence = 1; sequence <= 100; sequence++) {
      history.append(session, sequence, { value: "." });
    }
    const last = Number.MAX_SAFE_INTEGER;
    expect(history.put(session, last, { lowestPending: last }).type).toBe("written");
    expect(history.append(session, 100)).toEqual(expired);
    expect(history.append(session, last, { lowestPending: last }).type).toBe("written");
    expect(history.read()).toBe("v");
  });
});

describe("a session", () => {
  test("has the id that the leader drew, and is not opened if another one has it", () => {
    const history = new History();
    const id = 0x1a2b3c4d5e6f7;
    expect(history.tryOpenSession("n1", id)).toEqual({ type: "session", session: id });
    history.append(id, 1, { value: "x" });
    for (const owner of ["n1", "n2"]) {
      expect(history.tryOpenSession(owner, id), "another id must be drawn").toEqual(overloaded);
    }
    expect(history.append(id, 1, { value: "x" }).type, "its results are kept").toBe("written");
    expect(history.read()).toBe("x");
  });

  test("remembers no more results than the client may have writes in flight", () => {
    const sizes = [100, 1000].map((writes) => {
      const history = new History();
      const session = history.openSession();
      for (let sequence = 1; sequence <= writes; sequence++) {
        history.put(session, sequence, { lowestPending: Math.max(1, sequence - 9) });
      }
      return join(history.store.snapshot()).length;
    });
    expect(sizes[1]).toBe(sizes[0]);
  });

  test("ends when it was idle for longer than allowed, by the stamps of the log", () => {
    const history = new History({ sessionTtlMs: 1000 });
    const session = history.openSession();
    history.timeMs += 1000;
    expect(history.put(session, 1).type).toBe("written");
    history.timeMs += 1000;
    expect(history.put(session, 2).type).toBe("written");
    history.timeMs += 1001;
    expect(history.put(session, 3, { value: "late" })).toEqual(expired);
    expect(history.read()).toBe("v");
  });

  test("ends by the stamps of other commands too", () => {
    const history = new History({ sessionTtlMs: 1000 });
    const session = history.openSession();
    history.timeMs += 1001;
    history.commitSentinel();
    history.timeMs -= 1001;
    expect(history.put(session, 1)).toEqual(expired);
  });

  test("stays if a leader's clock falls behind, because replicated time never decreases", () => {
    const history = new History({ sessionTtlMs: 1000 });
    const session = history.openSession();
    history.timeMs -= 500_000;
    expect(history.put(session, 1).type).toBe("written");
    history.timeMs += 500_000 + 1000;
    expect(history.put(session, 2).type).toBe("written");
  });

  test("that was used least recently is ended for a new one", () => {
    const history = new History({ maxSessions: 2 });
    const [a, b] = [history.openSession(), history.openSession()];
    history.put(a, 1);
    history.timeMs += 60_000;
    history.put(a, 2);
    const c = history.openSession();
    expect(history.put(b, 1)).toEqual(expired);
    expect(history.put(a, 3).type).toBe("written");
    expect(history.put(c, 1).type).toBe("written");
  });

  test("that is in use is not ended for a new one, which is refused", () => {
    const history = new History({ maxSessions: 2 });
    const [a, b] = [history.openSession(), history.openSession()];
    history.timeMs += 59_999;
    expect(history.tryOpenSession()).toEqual({ type: "tooManySessions" });
    expect(history.put(a, 1).type).toBe("written");
    history.timeMs += 1;
    const c = history.openSession();
    expect(history.put(b, 1), "used last when it was opened").toEqual(expired);
    expect(history.put(a, 2).type).toBe("written");
    expect(history.put(c, 1).type).toBe("written");
  });

  test("keeps its results across a snapshot", () => {
    const history = new History({ maxValueBytes: 3 });
    const session = history.openSession();
    const first = history.append(session, 1, { value: "x" });
    const refused = history.append(session, 2, { value: "long" });
    const other = restoredFrom(history);
    expect(other.append(session, 1, { value: "x" })).toEqual(first);
    expect(other.append(session, 2, { value: "long" }).type).toBe(refused.type);
    expect(other.put(session, 2, { lowestPending: 3 })).toEqual(expired);
    expect(other.read()).toBe("x");
  });

  test("keeps its position in the order of use, and its time, across a snapshot", () => {
    const history = new History({ maxSessions: 2, sessionInUseMs: 1, sessionTtlMs: 1000 });
    const [a, b] = [history.openSession(), history.openSession()];
    history.put(a, 1);
    const other = new History({ maxSessions: 2, sessionInUseMs: 1, sessionTtlMs: 1000 });
    restore(other.store, cut(join(history.store.snapshot()), [10]));
    other.index = history.index;
    other.timeMs = history.timeMs + 1;
    other.openSession();
    expect(other.put(b, 1)).toEqual(expired);
    other.timeMs += 999;
    expect(other.put(a, 2).type).toBe("written");
    other.timeMs += 1001;
    expect(other.put(a, 3)).toEqual(expired);
  });

  test("does not change in a snapshot by later writes", () => {
    const history = new History();
    const session = history.openSession();
    history.put(session, 1, { key: "before" });
    const snapshot = history.store.snapshot();
    history.put(session, 2, { key: "after", lowestPending: 2 });
    const other = new History();
    restore(other.store, cut(join(snapshot), [64]));
    other.index = history.index;
    expect(other.put(session, 1, { key: "before", value: "again" })).toEqual({
      type: "written",
      revision: 2,
    });
    expect(other.store.get(bytes("after"))).toBeUndefined();
    expect(other.put(session, 2, { key: "after" }).type).toBe("written");
    expect(other.read("after")).toBe("v");
  });
});

describe("an owner", () => {
  const limits = { maxSessions: 6, maxSessionsPerOwner: 2, sessionInUseMs: 10 };

  test("X5: alone writes in its session: a write of another sender is refused, and uses up no sequence", () => {
    const history = new History();
    const session = history.openSession("n1");
    for (const change of [{ owner: "n2" }, { owner: "n" }, { owner: "n1-" }]) {
      expect(history.append(session, 1, { ...change, value: "forged", lowestPending: 9 })).toEqual(expired);
      expect(history.register(session, 1, { ...change, lowestPending: 9 })).toEqual(expired);
    }
    const written = history.append(session, 1, { value: "own" });
    expect(written).toEqual({ type: "written", revision: history.index });
    expect(history.read()).toBe("own");
  });

  test("X5: stays the owner across a snapshot", () => {
    const history = new History();
    const session = history.openSession("n1");
    const other = restoredFrom(history);
    expect(other.put(session, 1, { owner: "n2" })).toEqual(expired);
    expect(other.put(session, 1, { owner: "n1" }).type).toBe("written");
  });

  test("X6: that opens sessions without end ends only its own, least recently used first", () => {
    const history = new History(limits);
    const others = [history.openSession("n1"), history.openSession("n2")];
    history.timeMs += 100;
    const own = Array.from({ length: 50 }, () => {
      history.timeMs += 10;
      return history.openSession("n3");
    });
    expect(history.put(others[0] ?? 0, 1, { owner: "n1" }).type).toBe("written");
    expect(history.put(others[1] ?? 0, 1, { owner: "n2" }).type).toBe("written");
    const alive = own.filter((id) => history.put(id, 1, { owner: "n3" }).type === "written");
    expect(alive).toEqual(own.slice(-2));
  });

  test("X6: whose sessions are all in use gets no other one, while others do", () => {
    const history = new History(limits);
    history.openSession("n1");
    history.openSession("n1");
    history.timeMs += 9;
    expect(history.tryOpenSession("n1")).toEqual({ type: "tooManySessions" });
    expect(history.tryOpenSession("n2").type).toBe("session");
    history.timeMs += 1;
    expect(history.tryOpenSession("n1").type).toBe("session");
  });

  test("X6: gets no session beyond the limit of all, by which no other owner's session ends, however old", () => {
    const history = new History({ ...limits, maxSessions: 2, sessionTtlMs: 1000 });
    const others = [history.openSession("n1"), history.openSession("n2")];
    history.timeMs += 1000;
    expect(history.tryOpenSession("n3")).toEqual({ type: "tooManySessions" });
    expect(history.put(others[0] ?? 0, 1, { owner: "n1" }).type).toBe("written");
    expect(history.put(others[1] ?? 0, 1, { owner: "n2" }).type).toBe("written");
    history.timeMs += 10;
    expect(history.tryOpenSession("n1").type, "which replaces one of n1").toBe("session");
    history.timeMs += 991;
    history.put(history.index, 1, { owner: "n1" });
    expect(history.tryOpenSession("n3").type, "after n2's session expired").toBe("session");
  });

  test("has its sessions counted anew by a replica that restores a snapshot", () => {
    const history = new History(limits);
    const [first] = [history.openSession("n1"), history.openSession("n1"), history.openSession("n2")];
    history.timeMs += 10;
    const other = restoredFrom(history, limits);
    for (const replica of [history, other]) {
      replica.openSession("n1");
      expect(replica.put(first ?? 0, 1)).toEqual(expired);
    }
    expect(join(other.store.snapshot())).toEqual(join(history.store.snapshot()));
  });

  test.each(["", "a".repeat(33), "é", "n 1"])("can't be called %j", (owner) => {
    const open = { type: "openSession", timeMs: 1, session: 1, owner } as const;
    expect(() => encodeCommand(open)).toThrow("owner: must be 1 to 32 visible ASCII characters");
  });
});

describe("a write that was refused as too large", () => {
  /** Writes, some of which are too large when they come first, each repeated at any later time, in any order. */
  test.each(Array.from({ length: 50 }, (_, n) => n + 1))(
    "never takes effect, however often and late it is repeated (seed %i)",
    (seed) => {
      const random = seededRandom(seed);
      const below = (limit: number) => Math.floor(random() * limit);
      const limits = { maxValueBytes: 12, maxPendingPerSession: 8 };
      let history = new History(limits);
      const session = history.openSession();
      const results = new Map<number, Set<string>>();
      for (let n = 0; n < 60; n++) {
        const lowestPending = 1 + Math.floor(n / 10);
        const sequence = lowestPending + below(8);
        const value = `<${sequence}>`;
        // The reason for an append's refusal may have ended when it is repeated.
        if (random() < 0.2) history.put(session, lowestPending + below(8), { value: "", lowestPending });
        const before = history.read() ?? "";
        const { type } = history.append(session, sequence, { value, lowestPending });
        const seen = results.get(sequence) ?? new Set();
        results.set(sequence, seen.add(type));
        if (seen.has("tooLarge")) expect(history.read() ?? "", `${value} is refused for good`).toBe(before);
        if (random() < 0.1) history = restoredFrom(history, limits);
      }
      const refused = [...results.values()].filter((types) => types.has("tooLarge"));
      for (const types of refused) expect(types).not.toContain("written");
    },
  );
});
