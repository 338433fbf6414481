import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { eventually, freePorts, leaderOf, Plan, read, Workshop, write } from "./processes.ts";

const hasStrace = spawnSync("strace", ["--version"]).status === 0;

/** Every sync of the process takes this much longer. */
function underSyncsOf(ms: number): readonly string[] {
  const syncs = "fdatasync,fsync";
  const inject = ["-e", `trace=${syncs}`, "-e", `inject=${syncs}:delay_exit=${ms * 1000}`];
  return ["strace", "-D", "-f", "--seccomp-bpf", ...inject, "-o", "/dev/null"];
}

describe.skipIf(!hasStrace)(
  `disks that are slower than an election timeout${hasStrace ? "" : ": needs strace"}`,
  () => {
    test("three replicas whose syncs take 400 ms elect a leader and write", async () => {
      await using workshop = await Workshop.open();
      const plan = new Plan(await freePorts(3));
      const under = underSyncsOf(400);
      await Promise.all(
        plan.urls.map((url, turn) => workshop.serveWith({ under }, url, ...plan.flags(turn))),
      );
      const leader = await leaderOf(plan.urls);
      for (const value of ["a", "b", "c"]) {
        await eventually(async () => (await write(plan.url(leader), "put", "k", value)).ok);
      }
      expect(await eventually(() => read(plan.url(leader + 1), "k"))).toBe("c");
    });
  },
);
