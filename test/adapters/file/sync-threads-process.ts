/**
 * Writes durably 40 times, and prints how often and its process: `bun sync-threads-process.ts FILE BYTES`. strace sees the thread of
 * each sync.
 */
import process from "node:process";
import { nodeDisk } from "../../../adapters/file/index.ts";

const [path = "", bytes = ""] = process.argv.slice(2);
const file = await nodeDisk().open(path, { create: true });
const written = new Uint8Array(Number(bytes)).fill(7);
for (let write = 0; write < 40; write++) await file.writeDurably(write * written.length, written);
const read = await file.readAt(0, 40 * written.length);
if (!read.every((byte) => byte === 7)) throw new Error("what was written differs from what was read");
await file.close();
console.log(read.length / written.length, process.pid);
