import { readdirSync, readFileSync } from "node:fs";

/** The variable by which a run of the tests knows its processes: each inherits it from the one that started it. */
export const RUN_VARIABLE = "RUAFT_TEST_RUN";

/** The processes of a run that are there now, by their ids. Only Linux tells: elsewhere there are none. */
export function processesOf(run: string): number[] {
  const mark = `${RUN_VARIABLE}=${run}`;
  return processIds().filter((pid) => environmentOf(pid).includes(mark));
}

function processIds(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** The variables that a process began with. None if it has ended, or belongs to somebody else. */
function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}
