import type { ReplicaId } from "../matrix.ts";
import type { Finding } from "./finding.ts";

/** Returns the terms in which a replica led, according to its log. */
export function leadsIn(log: string): number[] {
  return [...log.matchAll(/leads in term (\d+)/g)].map(([, term]) => Number(term));
}

export function leadersPerTerm(leaders: ReadonlyMap<number, ReadonlySet<ReplicaId>>): Finding[] {
  return [...leaders].flatMap(([term, ids]): Finding[] =>
    ids.size < 2
      ? []
      : [{ kind: "leaders", text: `term ${term} was led by ${[...ids].sort().join(" and ")}` }],
  );
}
