/**
 * The conformance suite of transports: an array of cases for any test runner.
 *
 * @module
 */
import { delivery } from "./delivery.ts";
import { endings } from "./endings.ts";
import type { TransportCase } from "./fixture.ts";
import { introductions } from "./introductions.ts";
import { refusals } from "./refusals.ts";

export type { ConformanceCase } from "../conformance-case.ts";
export type { TransportCase, TransportFixture } from "./fixture.ts";

/** What every transport does, each case on a fresh fixture. */
export const transportConformance: readonly TransportCase[] = [
  ...delivery,
  ...refusals,
  ...introductions,
  ...endings,
];
