import type { Suite } from "../suite.ts";
import { getSuite, mixedSuite, putSuite } from "./concurrency-sweep.ts";
import { coreSuite } from "./core.ts";
import { delaysSuite } from "./delays.ts";
import { failoverSuite } from "./failover.ts";
import { growingClients, growingKeys, growingReplicas, growingSessions, growingValues } from "./growth.ts";
import { idleSuite } from "./idle.ts";
import { millionSuite } from "./million.ts";
import { othersSuite } from "./others.ts";
import { rateSuite } from "./rate.ts";
import { recoverySuite } from "./recovery.ts";
import { securitySuite } from "./security.ts";
import { transportsSuite } from "./transports.ts";
import { valuesSuite } from "./values.ts";

/** In the order in which they run. */
export const suites: readonly Suite[] = [
  putSuite,
  getSuite,
  mixedSuite,
  rateSuite,
  transportsSuite,
  securitySuite,
  valuesSuite,
  delaysSuite,
  failoverSuite,
  millionSuite,
  recoverySuite,
  coreSuite,
  idleSuite,
  growingClients,
  growingValues,
  growingReplicas,
  growingKeys,
  growingSessions,
  othersSuite,
];
