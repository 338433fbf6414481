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
import { sealing } from "./sealing.ts";

export type { ConformanceCase } from "../conformance-case.ts";
export type { TransportCase, TransportFixture } from "./fixture.ts";

/**
 * What every transport does, each case on a fresh fixture.
 *
 * @example
 * ```ts
 * import type { Transport } from "ruaft";
 * import { LoopbackNetwork } from "ruaft/transports/loopback";
 * import { type TransportFixture, transportConformance } from "ruaft/testing/conformance/transport";
 *
 * function newFixture(): TransportFixture {
 *   const clusterId = "example";
 *   const network = new LoopbackNetwork({ clusterId });
 *   const up = new Map<string, Transport>();
 *   return {
 *     clusterId,
 *     async start(id, sealing) {
 *       const transport = network.transport(id, sealing);
 *       up.set(id, transport);
 *       return transport;
 *     },
 *     stop: async (id) => up.get(id)?.[Symbol.asyncDispose](),
 *     sendRaw: (to, _service, bytes) => network.send(to, to, bytes),
 *     async assertNothingOpen() {},
 *     async [Symbol.asyncDispose]() {
 *       network[Symbol.dispose]();
 *     },
 *   };
 * }
 *
 * for (const { name, run } of transportConformance) {
 *   await using fixture = newFixture();
 *   await run(fixture).catch((error: unknown) => console.log(`${name}: ${error}`));
 * }
 * ```
 */
export const transportConformance: readonly TransportCase[] = [
  ...delivery,
  ...refusals,
  ...introductions,
  ...sealing,
  ...endings,
];
