import { RandomStream } from "../../src/testing/simulator/index.ts";
import { altered, randomBytes } from "./altered.ts";
import { type FuzzTarget, fuzzTarget } from "./real-frames.ts";

export interface FuzzOptions {
  readonly seed: number;
  /** The number of altered messages. */
  readonly frames: number;
  /** Time of a message from which it counts as slow, in ms. Absent: time is not measured. */
  readonly slowMs?: number;
}

/** What came of the altered messages. */
export interface FuzzReport {
  readonly frames: number;
  readonly bytes: number;
  /** Messages that reached a handler, were answered, or were not counted as refused, in hexadecimal digits. */
  readonly taken: readonly string[];
  /** Messages that took long each time. */
  readonly slow: readonly { readonly length: number; readonly ms: number }[];
  readonly longestMs: number;
}

const REPEATS = 3;
/** Failures that are kept. */
const MAX_KEPT = 10;

/** Sends altered messages to a replica with a secret. It must refuse each one unread. */
export async function fuzz({ seed, frames, slowMs }: FuzzOptions): Promise<FuzzReport> {
  const random = new RandomStream(seed);
  const target = await fuzzTarget(random.fork("frames"));
  const noise = randomBytes(random.fork("noise"));
  const taken: string[] = [];
  const slow: { length: number; ms: number }[] = [];
  let [bytes, longestMs] = [0, 0];
  for (let count = 0; count < frames; count++) {
    const first = random.below(target.frames.length);
    const second = (first + random.between(1, target.frames.length - 1)) % target.frames.length;
    const pair = [frameAt(target, first), frameAt(target, second)] as const;
    const frame = altered(random, pair, noise);
    bytes += frame.length;
    const beginMs = performance.now();
    const isTaken = !(await isRefused(target, frame));
    const ms = performance.now() - beginMs;
    if (isTaken && taken.length < MAX_KEPT) taken.push(hexOf(frame));
    if (slowMs === undefined || ms < slowMs / 10) continue;
    const again = await repeatedMs(target, frame);
    longestMs = Math.max(longestMs, again);
    if (again > slowMs) slow.push({ length: frame.length, ms: again });
  }
  return { frames, bytes, taken, slow, longestMs };
}

async function isRefused({ endpoint, handled }: FuzzTarget, frame: Uint8Array): Promise<boolean> {
  const before = endpoint.sealing?.refused ?? 0;
  const { status, bytes } = await endpoint.handle(frame);
  const isCounted = endpoint.sealing?.refused === before + 1;
  return status === "unauthorized" && bytes.length === 0 && isCounted && handled() === 0;
}

/** The second shortest of three: other processes run on this machine too. */
async function repeatedMs(target: FuzzTarget, frame: Uint8Array): Promise<number> {
  const times: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const beginMs = performance.now();
    await target.endpoint.handle(frame);
    times.push(performance.now() - beginMs);
  }
  return times.sort((a, b) => a - b)[1] ?? 0;
}

function frameAt({ frames }: FuzzTarget, at: number): Uint8Array {
  const frame = frames[at];
  if (frame === undefined) throw new RangeError(`at: 0 to ${frames.length - 1}, not ${at}`);
  return frame;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 200), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
