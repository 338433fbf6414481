import type { Random } from "../random.ts";
import type { Wish } from "./client.ts";

const EPOCH_MS = 2500;

/** The use of keys: some only grow, so that missing appends can be named; others are also overwritten. */
const kinds = ["grow", "grow", "mixed", "put"] as const;

/** The keys shared by all clients change every few seconds, so that the history of each stays short. */
export function hotWish(now: number, random: Random): Wish {
  const at = random.whole(0, kinds.length - 1);
  const kind = kinds[at] ?? "grow";
  const key = `k${Math.floor(now / EPOCH_MS)}-${kind}${at}`;
  if (random.chance(0.4)) return { key, type: "get" };
  if (kind === "grow") return { key, type: "append" };
  return { key, type: random.chance(kind === "put" ? 0.8 : 0.2) ? "put" : "append" };
}
