import { readdirSync, readFileSync } from "node:fs";

/** The variable that marks the processes of a test run. Each process inherits it from its parent. */
export const RUN_VARIABLE = "RUAFT_TEST_RUN";

/** The running processes of a run, by id. Empty on other systems than Linux. */
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

/** The environment that a process started with. Empty if it has ended or belongs to another user. */
function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}
