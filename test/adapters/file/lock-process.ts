/**
 * Takes the lock of a directory, prints `held` or the reason of a refusal, and holds it until stdin ends: `bun lock-
 * process.ts DIRECTORY`. A separate process, so that it can be killed, or put into another namespace.
 */
import process from "node:process";
import { nodeDisk } from "../../../adapters/file/index.ts";

const [directory = ""] = process.argv.slice(2);
try {
  const lock = await nodeDisk().lock(directory);
  process.stdout.write(`held${lock.weakness ?? ""}\n`);
  process.stdin.once("end", async () => {
    await lock[Symbol.asyncDispose]();
    process.exit(0);
  });
  process.stdin.resume();
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
