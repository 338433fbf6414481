import { beforeEach, describe, expect, test } from "vitest";
import type { WriteResult } from "../../../src/kvraft/index.ts";
import type { AdminTokenFile } from "../../../src/service/auth/first-admin.ts";
import { FirstAdmin } from "../../../src/service/auth/first-admin.ts";
import { isToken, newToken } from "../../../src/service/auth/token-text.ts";
import { AccessFixture, wallTime } from "./access-fixture.ts";

class MemoryFile implements AdminTokenFile {
  text: string | undefined;
  failure: Error | undefined;

  async read(): Promise<string | undefined> {
    return this.text;
  }

  async create(text: string): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.text = text;
  }

  async remove(): Promise<void> {
    this.text = undefined;
  }
}

let fixture: AccessFixture;
let file: MemoryFile;
let shown: [token: string, notKept: string | undefined][];
let isLeader: boolean;
let onBarrier: () => WriteResult;
beforeEach(() => {
  fixture = new AccessFixture();
  file = new MemoryFile();
  shown = [];
  isLeader = true;
  onBarrier = () => ({ type: "written", revision: 1 });
});

function firstAdmin(own: AdminTokenFile | undefined = file): FirstAdmin {
  const { guard } = fixture.access;
  if (guard === undefined) throw new Error("the fixture has a guard");
  return new FirstAdmin({
    records: fixture.records,
    credentials: guard.credentials,
    clerk: { commitSentinel: async () => onBarrier() },
    isLeader: () => isLeader,
    who: "replica n1",
    wallTime,
    // Time passes at once.
    clock: {
      setTimer: (_ms, callback) => {
        const timer = setTimeout(callback);
        return () => clearTimeout(timer);
      },
    },
    file: own,
    show: (token, notKept) => shown.push([token, notKept]),
  });
}

function names(): string[] {
  return fixture.records.entries("token/").map(({ name }) => name);
}

describe("the first token", () => {
  test("is created by the leader, kept in its file, and shown once", async () => {
    const first = firstAdmin();
    await first.ensure();
    await first.ensure();
    await firstAdmin().ensure();
    expect(names()).toEqual(["token/admin"]);
    expect(shown).toEqual([[file.text, undefined]]);
    expect(isToken(file.text ?? "")).toBe(true);
  });

  test("is not created by another replica, nor where an admin exists", async () => {
    isLeader = false;
    await firstAdmin().ensure();
    expect(names()).toEqual([]);
    isLeader = true;
    await fixture.token("root", ["admin"]);
    await firstAdmin().ensure();
    expect([names(), shown, file.text]).toEqual([["token/root"], [], undefined]);
  });

  test("is created if tokens without admin, or an expired one, are all there is", async () => {
    await fixture.token("admin", ["metrics"]);
    await fixture.token("admin-2", ["admin"], 0);
    await firstAdmin().ensure();
    expect(names()).toEqual(["token/admin", "token/admin-2"]);
    expect(shown).toHaveLength(1);
  });

  test("is that of the file if a crash came between the file and the commit", async () => {
    file.text = newToken();
    await firstAdmin().ensure();
    expect(shown).toEqual([[file.text, undefined]]);
  });

  test("is shown with the reason if its file can't be written", async () => {
    file.failure = new Error("ENOSPC: no space left on device");
    await firstAdmin().ensure();
    expect(shown[0]?.[1]).toBe("ENOSPC: no space left on device");
  });

  test("is tried again until its outcome is known", async () => {
    fixture.records.nextResult = { type: "unavailable", outcome: "unknown", reason: "timeout" };
    await firstAdmin().ensure();
    expect(shown).toEqual([[file.text, undefined]]);
  });

  test("that lost against that of another replica leaves no file", async () => {
    let barriers = 0;
    onBarrier = () => ({ type: "written", revision: ++barriers });
    const first = firstAdmin({
      read: () => file.read(),
      remove: () => file.remove(),
      create: async (text) => {
        await file.create(text);
        await fixture.token("admin", ["admin"]);
      },
    });
    await first.ensure();
    expect([shown, file.text, names()]).toEqual([[], undefined, ["token/admin"]]);
  });

  test("is shown by a replica that lost its leadership before it knew that the token was committed", async () => {
    fixture.records.nextResult = { type: "unavailable", outcome: "unknown", reason: "timeout" };
    let barriers = 0;
    onBarrier = () => {
      barriers++;
      if (barriers === 2) isLeader = false;
      // The next leader commits what was proposed.
      if (barriers === 4) void fixture.admit("admin", file.text ?? "", ["admin"]);
      return { type: "written", revision: 1 };
    };
    await firstAdmin().ensure();
    expect(shown).toEqual([[file.text, undefined]]);
  });

  test("is given up when the replica stops", async () => {
    onBarrier = () => ({ type: "unavailable", outcome: "unknown", reason: "noLeader" });
    const first = firstAdmin();
    const ended = first.ensure();
    first.stop();
    await ended;
    expect(names()).toEqual([]);
  });
});
