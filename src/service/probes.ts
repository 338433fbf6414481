import type { Context } from "hono";
import type { ReplicaState } from "../ports/index.ts";
import { problem } from "./problems.ts";
import type { Check, Readiness } from "./readiness.ts";

/** A replica whose disk write takes longer than this, in ms, needs a restart. */
const STUCK_MS = 60_000;

/** `/livez` and `/healthz`: whether a restart would not help. */
export function live(status: () => ReplicaState): (c: Context) => Response {
  return (c) => {
    const { writeInFlightMs = 0 } = status().health.disk;
    if (writeInFlightMs < STUCK_MS) return c.text("OK");
    return problem(
      "notReady",
      `the disk has not finished a write for ${Math.round(writeInFlightMs / 1000)} s`,
    );
  };
}

/** `/readyz`: whether requests should be sent here. `?verbose` lists each check, `?exclude=NAME` skips one. */
export function ready(readiness: Readiness, isDraining: () => boolean): (c: Context) => Response {
  return (c) => {
    const excluded = c.req.queries("exclude") ?? [];
    const checks = readiness.checks().filter(({ name }) => !excluded.includes(name));
    if (c.req.query("verbose") !== undefined) return inFull(c, [...checks, stopCheck(isDraining())]);
    if (isDraining()) return problem("draining", "this replica is about to stop");
    const obstacle = checks.find(({ isMet }) => !isMet);
    return obstacle === undefined ? c.text("OK") : problem("notReady", obstacle.text);
  };
}

function stopCheck(isDraining: boolean): Check {
  return { name: "stop", isMet: !isDraining, text: isDraining ? "about to stop" : "not asked to stop" };
}

function inFull(c: Context, checks: readonly Check[]): Response {
  const lines = checks.map(({ name, isMet, text }) => `[${isMet ? "+" : "-"}] ${name.padEnd(8)} ${text}`);
  const isReady = checks.every(({ isMet }) => isMet);
  return c.text([...lines, isReady ? "ready" : "not ready", ""].join("\n"), isReady ? 200 : 503);
}
