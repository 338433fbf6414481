import { describe, expect, test } from "vitest";
import { get, post, startCluster, startOne } from "./cluster.ts";

describe("the key-value routes", () => {
  test("a put is acknowledged with OK, and read back", async () => {
    const app = await startOne();
    const response = await post(app, "/kvstore/put", { key: "k", value: "v" });
    expect([response.status, await response.text()]).toEqual([200, "OK"]);
    expect(await get(app, "k")).toBe("k!0!v");
  });

  test("an append adds to the end of the value, and creates it if it is missing", async () => {
    const app = await startOne();
    await post(app, "/kvstore/append", { key: "k", value: "Hello " });
    await post(app, "/kvstore/append", { key: "k", value: "World!" });
    expect(await get(app, "k")).toBe("k!0!Hello World!");
  });

  test("an absent key reads as empty, and the counter counts the gets of this replica from 0", async () => {
    const app = await startOne();
    expect([await get(app, "a"), await get(app, "b"), await get(app, "a")]).toEqual(["a!0!", "b!1!", "a!2!"]);
  });

  test.each([
    ["a slash", "a/b"],
    ["a percent sign", "50%25"],
    ["a question mark and a hash", "what?#now"],
    ["text beyond ASCII", "ключ 🔑"],
    ["the name of a prototype", "__proto__"],
    ["an exclamation mark", "a!1!b"],
    ["a line break", "a\r\nb"],
  ])("a key may hold %s", async (_what, key) => {
    const app = await startOne();
    await post(app, "/kvstore/put", { key, value: "here" });
    expect(await get(app, key)).toBe(`${key}!0!here`);
  });

  test("values are kept to the letter", async () => {
    const app = await startOne();
    const value = '\u{feff}tab\t, nul \0, emoji 🙂, quote "';
    await post(app, "/kvstore/put", { key: "k", value });
    const bytes = new Uint8Array(await (await app.request("/kvstore/get/k")).arrayBuffer());
    expect(bytes).toEqual(new TextEncoder().encode(`k!0!${value}`));
  });

  test("every replica accepts reads and writes, and forwards them to the leader", async () => {
    const [first, second, third] = await startCluster({ voters: ["n1", "n2", "n3"] });
    if (!first || !second || !third) throw new Error("three replicas were started");
    await post(first.app, "/kvstore/put", { key: "k", value: "Hello " });
    expect(await get(second.app, "k")).toBe("k!0!Hello ");
    await post(third.app, "/kvstore/append", { key: "k", value: "World!" });
    expect(await get(first.app, "k")).toBe("k!0!Hello World!");
    await post(second.app, "/kvstore/put", { key: "k", value: "again" });
    expect(await get(third.app, "k")).toBe("k!0!again");
  });

  test("is_leader returns the term and whether this replica leads it", async () => {
    const [one] = await startCluster();
    if (!one) throw new Error("a replica was started");
    for await (const { role } of one.store.raft.changes()) if (role === "leader") break;
    const { currentTerm } = one.store.raft.status();
    expect(await (await one.app.request("/kvstore/is_leader")).text()).toBe(`(Term(${currentTerm}), true)`);
  });

  test("is_leader is false if there is no quorum", async () => {
    const [one] = await startCluster({ voters: ["n1", "n2", "n3"], started: ["n1"] });
    expect(await (await one?.app.request("/kvstore/is_leader"))?.text()).toBe("(Term(0), false)");
  });
});
