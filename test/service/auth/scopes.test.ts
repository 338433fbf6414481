import { describe, expect, test } from "vitest";
import { Grants, scopes, whyNoGrant } from "../../../src/service/auth/scopes.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("a grant", () => {
  test.each([...scopes, "read app/", "write a b/", "watch ключ/", "lock x"])("may be %j", (text) => {
    expect(whyNoGrant(text)).toBeUndefined();
  });

  test.each([
    "",
    "reads",
    "Read",
    "read ",
    " read",
    "metrics app/",
    "admin x",
    "read a\nb",
    "read \ud800",
    "*",
  ])("may not be %j", (text) => {
    expect(whyNoGrant(text)).toContain('may have a prefix, such as "read app/"');
    const grants = new Grants([text]);
    expect(scopes.filter((scope) => grants.has(scope))).toEqual([]);
  });
});

describe("grants", () => {
  test("cover the keys that start with their prefix, byte by byte", () => {
    const grants = new Grants(["read app/", "read ä", "write a"]);
    expect(grants.covers("read", bytes("app/"))).toBe(true);
    expect(grants.covers("read", bytes("app/x"))).toBe(true);
    expect(grants.covers("read", bytes("ä1"))).toBe(true);
    expect(grants.covers("read", bytes("app"))).toBe(false);
    expect(grants.covers("read", bytes("application/"))).toBe(false);
    expect(grants.covers("read", bytes("APP/x"))).toBe(false);
    expect(grants.covers("read", bytes("a\u0308"))).toBe(false);
    expect(grants.covers("write", bytes("app/x"))).toBe(true);
    expect(grants.covers("watch", bytes("app/x"))).toBe(false);
  });

  test("without a prefix cover all keys", () => {
    const grants = new Grants(["lock"]);
    expect(grants.covers("lock", bytes("any"))).toBe(true);
    expect(grants.covers("lock", bytes(""))).toBe(true);
    expect(grants.covers("read", bytes("any"))).toBe(false);
  });

  test("of admin cover everything, and no others do", () => {
    const admin = new Grants(["admin"]);
    expect(scopes.filter((scope) => admin.has(scope))).toEqual(scopes);
    expect(admin.covers("write", bytes("k"))).toBe(true);
    for (const scope of scopes.filter((each) => each !== "admin")) {
      const only = new Grants([scope]);
      expect(scopes.filter((each) => only.has(each))).toEqual([scope]);
    }
  });
});
