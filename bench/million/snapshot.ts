import { nowMs } from "../load/schedule.ts";
import { percentiles } from "../load/tally.ts";
import type { Figures } from "../suite.ts";
import type { Cluster } from "../systems/durio.ts";
import { Recorder, type Sample } from "./recorder.ts";

/** A span of time, in ms since 1970. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The same figures before and during a snapshot. */
export interface Recorded {
  readonly put: Figures;
  readonly get: Figures;
  readonly longestStallMs: number;
}

const WARM_UP_MS = 500;
const PATIENCE_MS = 180_000;

/** Puts and gets until the leader has written a snapshot; the followers write theirs at about the same time. */
export async function recordSnapshot(
  cluster: Cluster,
  keys: number,
): Promise<{ snapshotMs: number; before: Recorded; during: Recorded }> {
  const leader = await cluster.leader();
  const recorder = new Recorder({
    leader: cluster.url(leader).origin,
    replicas: cluster.urls.map(({ origin }) => origin),
    putters: 64,
    getters: 8,
    keys,
  });
  const startedMs = nowMs();
  await until(() => !cluster.isSavingSnapshot(leader));
  await until(() => cluster.isSavingSnapshot(leader));
  const span = { fromMs: nowMs(), toMs: Number.POSITIVE_INFINITY };
  await until(() => !cluster.isSavingSnapshot(leader));
  span.toMs = nowMs();
  const samples = await recorder.stop();
  const within = (span: Span): Recorded => ({
    put: figuresWithin(span, samples.put),
    get: figuresWithin(span, samples.get),
    longestStallMs: figuresWithin(span, samples.probe).maxMs ?? 0,
  });
  return {
    snapshotMs: span.toMs - span.fromMs,
    before: within({ fromMs: startedMs + WARM_UP_MS, toMs: span.fromMs }),
    during: within(span),
  };
}

async function until(condition: () => boolean): Promise<void> {
  const giveUpMs = nowMs() + PATIENCE_MS;
  while (!condition()) {
    if (nowMs() > giveUpMs) throw new Error(`no snapshot within ${PATIENCE_MS} ms of writing`);
    await Bun.sleep(2);
  }
}

/** Returns the figures of the answers within a span. */
function figuresWithin({ fromMs, toMs }: Span, samples: readonly Sample[]): Figures {
  const latenciesMs = samples
    .filter(({ atMs, latencyMs }) => atMs + latencyMs >= fromMs && atMs + latencyMs < toMs)
    .map(({ latencyMs }) => latencyMs);
  return { perSecond: (1000 * latenciesMs.length) / (toMs - fromMs), ...percentiles(latenciesMs) };
}
