import { emptyState } from "../../../src/raft/index.ts";
import { AbstractRaft } from "../../../src/testing/abstract-raft/index.ts";
import { CoreCluster, n1, n2, n3 } from "./core-cluster.ts";
import { elected, forgedView, snapshotInFlight, type Violation } from "./situations.ts";

/** Snapshots, writes and restarts (§7, figure 2). */
export const durabilityViolations: readonly Violation[] = [
  {
    rule: "snapshotApplied",
    run: () => {
      const cluster = elected();
      cluster.propose(n1);
      cluster.step(n1, { type: "snapshotSaved", meta: cluster.metaAt(n1, 2) });
    },
  },
  {
    rule: "snapshotCommitted",
    run: () => {
      const cluster = elected();
      cluster.step(n1, { type: "snapshotSaved", meta: cluster.metaAt(n1, 1) });
      const request = {
        type: "installSnapshot",
        term: 1,
        leaderId: n1,
        lastIncludedIndex: 1,
        lastIncludedTerm: 2,
        offset: 0,
      } as const;
      cluster.take(n1, (ready) => ({
        ...ready,
        sendChunks: [{ to: n3, request, maxBytes: 1, deadlineMs: 1000 }],
      }));
    },
  },
  {
    rule: "suffixKept",
    run: () => {
      const { cluster, meta } = snapshotInFlight(true);
      cluster.step(
        n3,
        { type: "snapshotInstalled", callId: cluster.lastCallId, meta },
        forgedView({ lastLogIndex: 3 }),
      );
    },
  },
  {
    rule: "snapshotReplaces",
    run: () => {
      const { cluster, meta } = snapshotInFlight(false);
      cluster.step(
        n3,
        { type: "snapshotInstalled", callId: cluster.lastCallId, meta },
        forgedView({ lastLogIndex: 1 }),
      );
    },
  },
  {
    rule: "oneWrite",
    run: () => {
      const cluster = elected();
      cluster.propose(n1);
      cluster.take(n1);
      cluster.take(n1, (ready) => ({ ...ready, persist: { entries: [] } }));
    },
  },
  {
    rule: "batch",
    run: () => {
      const cluster = elected();
      cluster.propose(n1);
      cluster.take(n1, (ready) => ({ ...ready, persist: { entries: [], truncateFrom: 1 } }));
    },
  },
  {
    rule: "durableIndex",
    run: () => {
      const cluster = elected();
      cluster.propose(n1);
      cluster.timer(n1, forgedView({ durableIndex: 2 }));
    },
  },
  {
    rule: "restored",
    run: () => {
      const cluster = elected();
      cluster.crash(n2);
      const { state } = cluster.disk(n2);
      cluster.start(n2, { ...state, hardState: { ...state.hardState, votedFor: undefined } });
    },
  },
  {
    rule: "bootstrapping",
    run: () => {
      const monitor = new AbstractRaft({ voters: [n1, n2, n3], electionTimeoutMinMs: 300 });
      monitor.started(n1, emptyState, new CoreCluster().view(n1));
    },
  },
];
