import { expect, test } from "vitest";
import { fuzz } from "../../scripts/frames/fuzz.ts";

/** `npm run frames -- --frames 10000000` sends more, and measures their time. */
const FRAMES = 100_000;

test("of 100,000 altered messages, sealed, encrypted and unsealed, none is decoded or answered", async () => {
  const { frames, taken } = await fuzz({ seed: 14, frames: FRAMES });
  expect(taken).toEqual([]);
  expect(frames).toBe(FRAMES);
});
