import type { ChaosOperation } from "../../../scripts/chaos/history.ts";

type Known = Partial<Pick<ChaosOperation, "client" | "outcome" | "end">>;

/** Operations on one key in a few words; times are in ms. */
export function get(callAt: number, returnAt: number, value: string, known: Known = {}): ChaosOperation {
  return { ...usual(callAt, returnAt), ...known, action: { type: "get" }, value };
}

export function put(callAt: number, returnAt: number, tag: string, known: Known = {}): ChaosOperation {
  return { ...usual(callAt, returnAt), ...known, action: { type: "put", tag } };
}

export function append(callAt: number, returnAt: number, tag: string, known: Known = {}): ChaosOperation {
  return { ...usual(callAt, returnAt), ...known, action: { type: "append", tag } };
}

function usual(callAt: number, returnAt: number): Omit<ChaosOperation, "action"> {
  return { client: "c", replica: "n1", key: "k", callAt, returnAt, outcome: "ok", end: "200" };
}
