/**
 * Replays a record of `durio serve --record FILE`: gives a bare core each input that the replica got, and stops at the
 * first difference.
 *
 *     bun scripts/replay.ts FILE
 *
 * Exits with 0 if there is no difference, 1 at the first one, 2 if the file can't be read or is damaged. The version
 * must be the one that wrote the record, because other versions may behave differently.
 */
import { createReadStream } from "node:fs";
import process from "node:process";
import { type Difference, RecordReader, Replay } from "../src/record/index.ts";

const [file, ...rest] = process.argv.slice(2);

if (file === undefined || file.startsWith("-") || rest.length > 0) {
  console.error("usage: bun scripts/replay.ts FILE");
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await replayFile(file);
  } catch (error) {
    console.error(`${file}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 2;
  }
}

/** @returns the exit code */
async function replayFile(path: string): Promise<number> {
  const reader = new RecordReader();
  const replay = new Replay();
  for await (const bytes of createReadStream(path, { highWaterMark: 1 << 20 })) {
    for (const item of reader.push(bytes)) {
      const difference = replay.next(item);
      if (difference !== undefined) return differs(path, difference);
    }
  }
  const { inputs, turns } = replay.counts;
  if (turns === 0) throw new Error(reader.incompleteBytes > 0 ? "no record" : "an empty record");
  if (reader.incompleteBytes > 0) {
    console.log(
      `${path}: the last ${reader.incompleteBytes} bytes are the start of an item that was not finished`,
    );
  }
  console.log(`${path}: ${inputs} inputs, ${turns} turns, no difference`);
  return 0;
}

function differs(path: string, { item, what }: Difference): number {
  console.log(`${path}: the replay differs at item ${item}: ${what}`);
  return 1;
}
