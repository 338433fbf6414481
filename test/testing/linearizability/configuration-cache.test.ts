import { expect, test } from "vitest";
import { ConfigurationCache } from "../../../src/testing/linearizability/search/configuration-cache.ts";

const knownHash = 7;
const bits = (known: number, pending: number) => Int32Array.of(known, pending);

function cacheWith(known: number, pending: number): ConfigurationCache {
  const cache = new ConfigurationCache({ known: 1, pending: 1 });
  expect(cache.add(bits(known, pending), knownHash, 0)).toBe(true);
  return cache;
}

test("a configuration is new once", () => {
  expect(cacheWith(0b11, 0b1).add(bits(0b11, 0b1), knownHash, 0)).toBe(false);
});

test("sets of known outcomes whose hashes collide are distinguished", () => {
  expect(cacheWith(0b11, 0).add(bits(0b101, 0), knownHash, 0)).toBe(true);
});

test("states are distinguished", () => {
  expect(cacheWith(0b11, 0).add(bits(0b11, 0), knownHash, 1)).toBe(true);
});

test("more unknown outcomes than in a configuration before it add nothing, fewer or others do", () => {
  expect(cacheWith(0b11, 0b10).add(bits(0b11, 0b110), knownHash, 0)).toBe(false);
  expect(cacheWith(0b11, 0b10).add(bits(0b11, 0b00), knownHash, 0)).toBe(true);
  expect(cacheWith(0b11, 0b10).add(bits(0b11, 0b101), knownHash, 0)).toBe(true);
});

test("nothing is forgotten as it grows", () => {
  const cache = new ConfigurationCache({ known: 1, pending: 0 });
  const all = Array.from({ length: 1_000 }, (_, at) => at);
  const add = (at: number) => cache.add(Int32Array.of(at), at % 7, 0);
  expect(all.every(add)).toBe(true);
  expect(all.some(add)).toBe(false);
});
