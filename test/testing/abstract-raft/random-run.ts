import { Cores } from "./cores.ts";

export interface Totals {
  readonly events: number;
  readonly committed: number;
  readonly terms: number;
}

/** Random crashes and resignations, lost and repeated messages, partitions, slow disks, snapshots, reads and wiped storage. */
export function randomRun(seed: number): Totals {
  const size = 1 + (seed % 5);
  const cores = new Cores({
    size,
    seed,
    maxAppendBytes: 64,
    maxInflightAppends: 4,
    pipelineFromMs: 0,
    snapshotChunkBytes: 4,
    retainedLogBytes: seed % 2 === 0 ? 1 : 200,
    maxApplyEntries: 7,
  });
  const pick = (n: number) => Math.floor(cores.random() * n);
  for (let round = 0; round < 150; round++) {
    cores.lossRate = pick(4) === 0 ? 0.2 : 0;
    cores.repeatRate = pick(3) === 0 ? 0.3 : 0;
    const latest = [4, 4, 4, 80, 900][pick(5)] ?? 4;
    cores.delayMs = [0, latest];
    cores.writeMs = [0, [3, 3, 3, 120, 1200][pick(5)] ?? 3];
    for (const id of cores.ids.slice(pick(size)).slice(0, 1)) {
      const machine = cores.running.get(id);
      const event = pick(20);
      if (event === 0) cores.crash(id, pick(2) === 0);
      else if (event === 1) cores.isolated.add(id);
      else if (event <= 3) cores.isolated.clear();
      else if (machine === undefined) {
        if (event === 4 && size > 2 && pick(4) === 0) cores.disk(id).wipe();
        if (event <= 8) cores.start(id);
      } else if (event <= 7) cores.snapshot(machine);
      else if (event <= 9) cores.read(machine, round);
      else if (event === 10 && pick(4) === 0) cores.step(machine, { type: "resign" });
      else for (const target of cores.running.values()) cores.propose(target, `c${round}`);
    }
    cores.elapse(pick(90));
  }
  const views = [...cores.running.values()].map(({ core }) => core.view());
  return {
    events: cores.events,
    committed: Math.max(0, ...views.map(({ commitIndex }) => commitIndex)),
    terms: Math.max(0, ...views.map(({ currentTerm }) => currentTerm)),
  };
}
