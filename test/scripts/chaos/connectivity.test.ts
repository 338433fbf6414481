import { describe, expect, test } from "vitest";
import { Connectivity } from "../../../scripts/chaos/connectivity.ts";
import { linksBetween } from "../../../scripts/chaos/network/index.ts";

const three = ["n1", "n2", "n3"] as const;
const five = ["n1", "n2", "n3", "n4", "n5"] as const;

function allUp(ids: typeof three | typeof five, transport: "http" | "nats" = "http"): Connectivity {
  const connectivity = new Connectivity(ids, transport);
  for (const id of ids) connectivity.able(id, true, 0);
  if (transport === "nats") connectivity.able("nats", true, 0);
  return connectivity;
}

describe("a majority that is up and connected", () => {
  test("is there from the moment at which enough replicas serve", () => {
    const connectivity = new Connectivity(three, "http");
    connectivity.able("n1", true, 1);
    expect(connectivity.hasMajority()).toBe(false);
    connectivity.able("n3", true, 5);
    connectivity.able("n1", false, 9);
    connectivity.able("n1", true, 11);
    expect(connectivity.stretches).toEqual([
      { from: 5, to: 9 },
      { from: 11, to: Number.POSITIVE_INFINITY },
    ]);
  });

  test("needs links both ways between each two of it", () => {
    const connectivity = allUp(three);
    connectivity.cut([{ from: "n1", to: "n2" }], 1);
    expect(connectivity.hasMajority()).toBe(true);
    connectivity.cut([{ from: "n3", to: "n1" }], 2);
    connectivity.cut([{ from: "n2", to: "n3" }], 3);
    expect(connectivity.hasMajority()).toBe(false);
    connectivity.heal([{ from: "n2", to: "n3" }], 4);
    expect(connectivity.largest()).toEqual(["n2", "n3"]);
  });

  test("is not a ring of five", () => {
    const connectivity = allUp(five);
    connectivity.cut(linksBetween(["n1"], ["n3", "n4"]), 1);
    connectivity.cut(linksBetween(["n2"], ["n4", "n5"]), 1);
    connectivity.cut(linksBetween(["n3"], ["n5"]), 1);
    expect(connectivity.largest()).toHaveLength(2);
  });

  test("over NATS is of those that reach it, while it is there", () => {
    const connectivity = allUp(three, "nats");
    connectivity.cut(linksBetween(["n2"], ["nats"]), 1);
    expect(connectivity.largest()).toEqual(["n1", "n3"]);
    connectivity.able("nats", false, 2);
    expect(connectivity.hasMajority()).toBe(false);
  });
});
