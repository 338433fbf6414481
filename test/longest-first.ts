import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take ten seconds of CPU or more, the longest first. If started last, they would run alone at the end. */
export const longest: readonly string[] = [
  "test/testing/simulator/fresh-seeds.test.ts",
  "test/conformance/conformance.test.ts",
  "test/testing/simulator/mutants-by-seed.test.ts",
  "test/examples/apps.test.ts",
  "test/durio/nats.test.ts",
  "test/runtimes/matrix.test.ts",
  "test/durio/slow-disks.test.ts",
  "test/package.test.ts",
  "test/testing/simulator/pinned-on-bun.test.ts",
  "test/testing/simulator/pinned-on-node.test.ts",
  "test/labs/kv/snapshots.test.ts",
  "test/examples/counters.test.ts",
  "test/labs/kv/overload.test.ts",
  "test/adapters/bun-sqlite/flips.test.ts",
  "test/labs/kv/persistence.test.ts",
];

/** Starts the longest files first. The others come in vitest's own order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const at = longest.indexOf(relative(project.config.root, moduleId));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
