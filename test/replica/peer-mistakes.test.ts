import { expect, test } from "vitest";
import { replicaId } from "../../src/raft/index.ts";
import { PeerMistakes } from "../../src/replica/peer-mistakes.ts";
import { type LogLine, recordingLogger } from "./recording-logger.ts";
import { VirtualClock } from "./virtual-clock.ts";

const n2 = replicaId("n2");
const n3 = replicaId("n3");

function watch(): { mistakes: PeerMistakes; lines: LogLine[]; clock: VirtualClock; texts: () => string[] } {
  const lines: LogLine[] = [];
  const clock = new VirtualClock();
  const addressOf = (peer: string) => (peer === n2 ? "http://pi2:9006" : undefined);
  const mistakes = new PeerMistakes({ clock, logger: recordingLogger(lines), addressOf });
  return { mistakes, lines, clock, texts: () => lines.map(({ level, text }) => `${level}: ${text}`) };
}

test("a peer's address that reaches another replica is logged once, and once when the peer replies", () => {
  const { mistakes, texts } = watch();
  for (let call = 0; call < 3; call++) mistakes.failed(n2, "this is replica n3, not n2");
  mistakes.answered(n2);
  mistakes.answered(n2);
  expect(texts()).toEqual([
    "warn: n2 can't be reached at http://pi2:9006: this is replica n3, not n2",
    "info: n2 answers now",
  ]);
});

test("another mistake of the same peer is logged after a while", async () => {
  const { mistakes, texts, clock } = watch();
  mistakes.failed(n3, "this is cluster b, not a");
  mistakes.failed(n3, "its name can't be resolved (ENOTFOUND)");
  await clock.elapse(10_000);
  mistakes.failed(n3, "its name can't be resolved (ENOTFOUND)");
  expect(texts()).toEqual([
    "warn: n3 can't be reached: this is cluster b, not a",
    "warn: n3 can't be reached: its name can't be resolved (ENOTFOUND)",
  ]);
});

test("an address that now the peer and now another one answers fills no log", async () => {
  const { mistakes, lines, clock } = watch();
  for (let call = 0; call < 1000; call++) {
    mistakes.failed(n2, "this is replica n3, not n2");
    mistakes.answered(n2);
    await clock.elapse(19);
  }
  expect(lines.length).toBe(4);
});

test("a temporary failure is not logged", () => {
  const { mistakes, lines } = watch();
  mistakes.failed(n2, undefined);
  expect(lines).toEqual([]);
});
