import { type RuntimeName, runtimes } from "./tools.ts";

export type ReplicaId = `n${number}`;

/** A kind of cluster to test. */
export interface Part {
  readonly replicas: 3 | 5;
  readonly runtime: RuntimeName | "mixed";
  readonly transport: "http" | "nats";
  readonly persister: "file" | "bun-sqlite";
}

/** All kinds. Node 20 has no SQLite, so mixed clusters with it consist of the other two runtimes. */
export const matrix: readonly Part[] = ([3, 5] as const).flatMap((replicas) =>
  ([...runtimes, "mixed"] as const).flatMap((runtime) =>
    (["http", "nats"] as const).flatMap((transport) =>
      (["file", "bun-sqlite"] as const).flatMap((persister) =>
        runtime === "node" && persister === "bun-sqlite" ? [] : [{ replicas, runtime, transport, persister }],
      ),
    ),
  ),
);

/** Returns a name such as `3-bun-http-file`. */
export function nameOfPart({ replicas, runtime, transport, persister }: Part): string {
  return [replicas, runtime, transport, persister].join("-");
}

export function idsOf({ replicas }: Part): ReplicaId[] {
  return Array.from({ length: replicas }, (_, at): ReplicaId => `n${at + 1}`);
}

export function runtimeOf({ runtime, persister }: Part, at: number): RuntimeName {
  if (runtime !== "mixed") return runtime;
  const possible = persister === "file" ? runtimes : runtimes.filter((name) => name !== "node");
  return possible[at % possible.length] ?? "bun";
}

/**
 * Returns the parts that match a selection: words separated by `-` or `,`, each of which must occur in a part's name,
 * such as `3` and `file`. Alternatives of one kind are added up, as in `http,nats`.
 */
export function partsNamed(words: readonly string[]): Part[] {
  const known = new Set(matrix.flatMap((part) => nameWords(part)));
  const unknown = words.filter((word) => !known.has(word));
  if (unknown.length > 0)
    throw new RangeError(`only: words of ${[...known].join(", ")}, not ${unknown.join(", ")}`);
  return matrix.filter((part) =>
    nameWords(part).every((word, kind) => {
      const wanted = words.filter((candidate) =>
        matrix.some((other) => nameWords(other)[kind] === candidate),
      );
      return wanted.length === 0 || wanted.includes(word);
    }),
  );
}

function nameWords({ replicas, runtime, transport, persister }: Part): string[] {
  return [String(replicas), runtime, transport, persister];
}
