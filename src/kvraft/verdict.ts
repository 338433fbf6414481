import { invariant, type ReplicaId } from "../raft/index.ts";

/**
 * The result of comparing the hashes of one state. `differ`: if a majority of the voters has the same hash, `odd` are the
 * replicas with another one. Without such a majority it is not known which replicas are wrong, and `odd` is empty.
 */
export type Verdict =
  | { readonly type: "agree" }
  | { readonly type: "differ"; readonly odd: readonly ReplicaId[]; readonly groups: readonly ReplicaId[][] };

/**
 * Compares hashes.
 *
 * @param hashes the known hashes, by replica
 * @param voters the number of voters of the cluster
 */
export function judge(hashes: ReadonlyMap<ReplicaId, string>, voters: number): Verdict {
  invariant(hashes.size <= voters, "docs/decisions/0015: each voter has one hash, and nobody else");
  const byHash = new Map<string, ReplicaId[]>();
  for (const [id, hash] of hashes) byHash.set(hash, [...(byHash.get(hash) ?? []), id]);
  const groups = [...byHash.values()];
  if (groups.length <= 1) return { type: "agree" };
  const majority = groups.find((group) => 2 * group.length > voters);
  const odd = majority === undefined ? [] : groups.filter((group) => group !== majority).flat();
  return { type: "differ", odd, groups };
}

/** Describes a difference in a sentence. */
export function sentenceOf(index: number, { odd, groups }: Extract<Verdict, { type: "differ" }>): string {
  const sides = groups.map((group) => group.join(" and ")).join(" against ");
  const blame =
    odd.length > 0
      ? `a majority agrees, so the data of ${odd.join(" and ")} is wrong`
      : "it is not known which is wrong";
  return `the state after index ${index} is not the same on all replicas: ${sides}; ${blame}`;
}
