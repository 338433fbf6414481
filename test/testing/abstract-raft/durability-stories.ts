import { emptyState } from "../../../src/raft/index.ts";
import { AbstractRaft } from "../../../src/testing/abstract-raft/index.ts";
import { elected, type Story, snapshotUnderWay, wear } from "./situations.ts";
import { n1, n2, n3, Stage } from "./stage.ts";

/** Snapshots, writes and restarts (§7, figure 2). */
export const durabilityStories: readonly Story[] = [
  {
    rule: "snapshotApplied",
    tell: () => {
      const stage = elected();
      stage.propose(n1);
      stage.step(n1, { type: "snapshotSaved", meta: { lastIncludedIndex: 2, lastIncludedTerm: 1 } });
    },
  },
  {
    rule: "snapshotCommitted",
    tell: () => {
      const stage = elected();
      stage.step(n1, { type: "snapshotSaved", meta: { lastIncludedIndex: 1, lastIncludedTerm: 1 } });
      const request = {
        type: "installSnapshot",
        term: 1,
        leaderId: n1,
        lastIncludedIndex: 1,
        lastIncludedTerm: 2,
        offset: 0,
      } as const;
      stage.take(n1, (ready) => ({
        ...ready,
        sendChunks: [{ to: n3, request, maxBytes: 1, deadlineMs: 1000 }],
      }));
    },
  },
  {
    rule: "suffixKept",
    tell: () => {
      const { stage, meta } = snapshotUnderWay(true);
      stage.step(
        n3,
        { type: "snapshotInstalled", callId: stage.lastCallId, meta },
        wear({ lastLogIndex: 3 }),
      );
    },
  },
  {
    rule: "snapshotReplaces",
    tell: () => {
      const { stage, meta } = snapshotUnderWay(false);
      stage.step(
        n3,
        { type: "snapshotInstalled", callId: stage.lastCallId, meta },
        wear({ lastLogIndex: 1 }),
      );
    },
  },
  {
    rule: "oneWrite",
    tell: () => {
      const stage = elected();
      stage.propose(n1);
      stage.take(n1);
      stage.take(n1, (ready) => ({ ...ready, persist: { entries: [] } }));
    },
  },
  {
    rule: "batch",
    tell: () => {
      const stage = elected();
      stage.propose(n1);
      stage.take(n1, (ready) => ({ ...ready, persist: { entries: [], truncateFrom: 1 } }));
    },
  },
  {
    rule: "durableIndex",
    tell: () => {
      const stage = elected();
      stage.propose(n1);
      stage.timer(n1, wear({ durableIndex: 2 }));
    },
  },
  {
    rule: "restored",
    tell: () => {
      const stage = elected();
      stage.crash(n2);
      const { state } = stage.disk(n2);
      stage.start(n2, { ...state, hardState: { ...state.hardState, votedFor: undefined } });
    },
  },
  {
    rule: "bootstrapping",
    tell: () => {
      const monitor = new AbstractRaft({ voters: [n1, n2, n3], electionTimeoutMinMs: 300 });
      monitor.started(n1, emptyState, new Stage().view(n1));
    },
  },
];
