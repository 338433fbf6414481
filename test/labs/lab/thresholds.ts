import { expect } from "vitest";
import { reportAtEnd } from "./report.ts";

interface Measured {
  worst: number;
  readonly limit: number;
}

const measured = new Map<string, Measured>();

/** Fails if a figure is above its limit, and keeps the worst one for the report. */
export function atMost(what: string, figure: number, limit: number): void {
  const known = measured.get(what) ?? { worst: figure, limit };
  known.worst = Math.max(known.worst, figure);
  measured.set(what, known);
  expect(figure, what).toBeLessThanOrEqual(limit);
}

reportAtEnd(() => [...measured].map(([what, { worst, limit }]) => `${what}: at worst ${worst} of ${limit}`));
