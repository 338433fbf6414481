/** Simulates the counters: `bun simulate.ts [--bug]`. */
import { modelOf } from "ruaft/testing/linearizability";
import { simulate, stateMachineSubject } from "ruaft/testing/simulator";
import { type Add, Counters, encode } from "./counters.ts";

const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
const snapshotsLive = process.argv.includes("--bug");

const { seeds, failure } = await simulate(
  stateMachineSubject({
    name: "counters",
    stateMachine: () => new Counters({ snapshotsLive }),
    encode,
    draw: (random): Add => ({ name: random.pick(names), amount: random.between(0, 1000) }),
    closing: names.map((name) => ({ name, amount: 0 })),
    model: modelOf({
      name: "counters",
      initial: 0,
      partition: ({ name }: Add) => name,
      apply: (count, { amount }: Add) => ({ state: count + amount, output: count + amount }),
    }),
  }),
  { seeds: 20 },
);
if (failure === undefined) console.log(`${seeds} seeds, nothing found`);
else {
  const { plan, report, runs } = failure;
  console.log(`seed ${plan.seed}: ${report.violation?.property}, ${report.violation?.message}`);
  console.log(
    `smaller, after ${runs} runs: ${plan.replicas} replicas, ${plan.operations.length} operations,`,
  );
  console.log(
    `${plan.faults.length} faults: ${plan.faults.map(({ kind, atMs }) => `${kind} at ${atMs} ms`).join(", ")}`,
  );
  process.exitCode = 1;
}
