/**
 * Runs programs one after another in this process: `bun run-programs.ts FILE…`. Prints the result of each as JSON: the
 * lines that it logged, and the error that it threw, if any.
 */
import { format } from "node:util";

const { log } = console;
const outcomes: { readonly file: string; readonly lines: readonly string[]; readonly error?: string }[] = [];
for (const file of process.argv.slice(2)) {
  const lines: string[] = [];
  console.log = (...values: unknown[]) => lines.push(format(...values));
  try {
    await import(file);
    outcomes.push({ file, lines });
  } catch (error) {
    outcomes.push({ file, lines, error: error instanceof Error ? String(error.stack) : String(error) });
  }
}
log(JSON.stringify(outcomes));
// Handles that a program left open must not keep the process running.
process.exit();
