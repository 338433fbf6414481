import type { ReplicaId } from "../raft/index.ts";

/**
 * What the hashes of one state on several replicas say. `differ`: `odd` are the replicas whose state no majority of
 * the voters shares; without such a majority it is not known which of all are wrong, and `odd` is empty.
 */
export type Verdict =
  | { readonly type: "agree" }
  | { readonly type: "differ"; readonly odd: readonly ReplicaId[]; readonly groups: readonly ReplicaId[][] };

/**
 * Compares hashes.
 *
 * @param hashes of the replicas that are known
 * @param voters how many replicas there are in all
 */
export function judge(hashes: ReadonlyMap<ReplicaId, string>, voters: number): Verdict {
  const byHash = new Map<string, ReplicaId[]>();
  for (const [id, hash] of hashes) byHash.set(hash, [...(byHash.get(hash) ?? []), id]);
  const groups = [...byHash.values()];
  if (groups.length <= 1) return { type: "agree" };
  const majority = groups.find((group) => 2 * group.length > voters);
  const odd = majority === undefined ? [] : groups.filter((group) => group !== majority).flat();
  return { type: "differ", odd, groups };
}

/** A difference in a sentence. */
export function sentenceOf(index: number, { odd, groups }: Extract<Verdict, { type: "differ" }>): string {
  const sides = groups.map((group) => group.join(" and ")).join(" against ");
  const blame =
    odd.length > 0
      ? `a majority agrees, so the data of ${odd.join(" and ")} is wrong`
      : "which is wrong is not known";
  return `the state after index ${index} is not the same on all replicas: ${sides}; ${blame}`;
}
