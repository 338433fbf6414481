import { isBuiltin } from "node:module";
import type { PersisterName, TransportName } from "../../src/durio/index.ts";
import type { RuntimeName } from "../../src/runtime/index.ts";

/** The runtimes, transports and persisters that three replicas can have. */
export interface Combination {
  readonly transport: Exclude<TransportName, "loopback">;
  readonly persister: PersisterName;
}

export const runtimes: readonly RuntimeName[] = ["bun", "node", "deno"];

export const combinations: readonly Combination[] = (["http", "nats"] as const).flatMap((transport) =>
  (["file", "bun-sqlite", "memory"] as const).map((persister) => ({ transport, persister })),
);

/** Whether a runtime supports a combination; the first version that does if that depends on it. */
export function support(runtime: RuntimeName, { persister }: Combination): "yes" | "from 22.13 on" {
  return runtime === "node" && persister === "bun-sqlite" ? "from 22.13 on" : "yes";
}

/** Whether it can be tried here. The tests run on Node. */
export function isHere(runtime: RuntimeName, combination: Combination): boolean {
  return support(runtime, combination) === "yes" || isBuiltin("node:sqlite");
}

/**
 * All combinations on all runtimes, as the README's table.
 *
 * @param cell returns the text of a cell. Default: whether it is supported
 */
export function matrixTable(
  cell: (runtime: RuntimeName, combination: Combination) => string = support,
): string {
  const rows = combinations.map((combination) => [
    `\`${combination.transport}\` with \`${combination.persister}\``,
    ...runtimes.map((runtime) => cell(runtime, combination)),
  ]);
  return [["", "Bun", "Node", "Deno"], ["---", "---", "---", "---"], ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
