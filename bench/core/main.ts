import { heapStats } from "bun:jsc";
import { parseArgs } from "node:util";
import type { Figures } from "../suite.ts";
import { Clerks } from "./clerks.ts";
import { Cores } from "./cores.ts";
import { Rafts } from "./rafts.ts";

/**
 * Measures the pure core (`cores`), class Raft over the loopback transport (`rafts`), or the short way from a clerk through a
 * replica that is alone (`puts`, `gets`). Allocations can be counted only
 * with BUN_JSC_useGC=0, so that the heap grows by all of them.
 */
export type Measure =
  | "cores"
  | "cores-allocation"
  | "rafts"
  | "rafts-allocation"
  | "puts-allocation"
  | "gets-allocation";

const measures: Readonly<Record<Measure, () => Figures | Promise<Figures>>> = {
  cores: speedOfCores,
  "cores-allocation": allocationOfCores,
  rafts: speedOfRafts,
  "rafts-allocation": allocationOfRafts,
  "puts-allocation": () => allocationOfClerks("put"),
  "gets-allocation": () => allocationOfClerks("get"),
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Entries at a time, or proposers. */
    batch: { type: "string", default: "64" },
    seconds: { type: "string", default: "1" },
  },
});

const batch = Number(options.batch);
const WARM_UP = 10_000;
const COUNTED = 20_000;

const [measure] = positionals;
if (measure === undefined || !isMeasure(measure)) throw new TypeError(`no such measure: ${measure}`);
console.log(JSON.stringify(await measures[measure]()));

function isMeasure(name: string): name is Measure {
  return Object.hasOwn(measures, name);
}

function speedOfCores(): Figures {
  const cores = warmCores();
  const startMs = performance.now();
  const endMs = startMs + 1000 * Number(options.seconds);
  const stepsBefore = cores.steps;
  let entries = 0;
  while (performance.now() < endMs) entries += replicate(cores, 1000);
  const seconds = (performance.now() - startMs) / 1000;
  return {
    perSecond: entries / seconds,
    stepsPerSecond: (cores.steps - stepsBefore) / seconds,
    stepsPerEntry: (cores.steps - stepsBefore) / entries,
    retainedBytesPerEntry: retainedByCores(),
  };
}

function warmCores(): Cores {
  const cores = new Cores(true);
  replicate(cores, WARM_UP);
  return cores;
}

/** Replicates at least this many entries. Returns their number. */
function replicate(cores: Cores, entries: number): number {
  let done = 0;
  for (; done < entries; done += batch) cores.replicate(batch);
  return done;
}

/** Measures the memory of an entry of 100 bytes in all three logs together. */
function retainedByCores(): number {
  const cores = new Cores(false);
  Bun.gc(true);
  const before = heapStats().heapSize;
  const entries = replicate(cores, COUNTED);
  Bun.gc(true);
  const bytes = (heapStats().heapSize - before) / entries;
  // Keeps the cores reachable up to here.
  return cores.steps > 0 ? bytes : 0;
}

function allocationOfCores(): Figures {
  const cores = warmCores();
  const before = heapStats().heapCapacity;
  const entries = replicate(cores, COUNTED);
  return { allocatedBytesPerEntry: (heapStats().heapCapacity - before) / entries };
}

async function speedOfRafts(): Promise<Figures> {
  await using rafts = await Rafts.start();
  await rafts.replicate(batch, countdown(WARM_UP));
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  const endMs = startMs + 1000 * Number(options.seconds);
  const commands = await rafts.replicate(batch, () => performance.now() < endMs);
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    perSecond: (1000 * commands) / (performance.now() - startMs),
    cpuUsPerCommand: (user + system) / commands,
  };
}

async function allocationOfRafts(): Promise<Figures> {
  await using rafts = await Rafts.start();
  await rafts.replicate(batch, countdown(WARM_UP));
  const before = heapStats().heapCapacity;
  const commands = await rafts.replicate(batch, countdown(COUNTED));
  return { allocatedBytesPerEntry: (heapStats().heapCapacity - before) / commands };
}

async function allocationOfClerks(type: "put" | "get"): Promise<Figures> {
  await using clerks = await Clerks.start();
  await clerks.run(type, batch, countdown(WARM_UP / batch));
  const before = heapStats().heapCapacity;
  const requests = await clerks.run(type, batch, countdown(COUNTED / batch));
  return { allocatedBytesPerEntry: (heapStats().heapCapacity - before) / requests };
}

function countdown(from: number): () => boolean {
  let left = from;
  return () => left-- > 0;
}
