import { CoreCluster, n1, n2, n3 } from "./core-cluster.ts";
import {
  accept,
  deposed,
  elected,
  forgedView,
  forgeReply,
  grant,
  rivals,
  type Violation,
} from "./situations.ts";

/** Messages, terms, votes and roles (§5.1, §5.2, §5.4.1). */
export const electionViolations: readonly Violation[] = [
  {
    rule: "sent",
    run: () => {
      const cluster = elected();
      const request = {
        type: "appendEntries",
        term: 1,
        leaderId: n1,
        prevLogIndex: 0,
        prevLogTerm: 0,
        entries: [],
        leaderCommit: 0,
        round: 7,
        successor: undefined,
        mustHold: false,
      } as const;
      cluster.deliver({ type: "request", from: n1, to: n2, request });
    },
  },
  {
    rule: "reply",
    run: () => {
      const reply = { type: "requestVote", term: 1, voteGranted: false } as const;
      elected().takeSending(n2, { type: "reply", callId: 1000, reply });
    },
  },
  {
    rule: "staleTerm",
    run: () => {
      const cluster = deposed();
      cluster.deliver(cluster.find(n1, n2));
      forgeReply(cluster, n2, accept);
    },
  },
  {
    rule: "higherTerm",
    run: () => {
      const cluster = deposed();
      const before = { ...cluster.view(n1) };
      cluster.deliver(cluster.find(n1, n2));
      cluster.take(n2);
      cluster.deliver(cluster.find(n2, n1, "reply"), forgedView(before));
    },
  },
  {
    rule: "role",
    run: () => {
      const cluster = elected();
      cluster.timer(n1);
      cluster.take(n1);
      const { request } = cluster.find(n1, n2);
      cluster.step(
        n1,
        { type: "failed", to: n2, request },
        forgedView({ role: "follower", leader: undefined }),
      );
    },
  },
  {
    rule: "durableTerm",
    run: () => {
      const cluster = deposed();
      cluster.propose(n2);
      cluster.take(n2);
      cluster.deliver(cluster.last(n2, n1));
      const [callId, reply] = [
        cluster.lastCallId,
        {
          type: "appendEntries",
          term: 2,
          round: 0,
          success: false,
          conflict: { index: 1, term: 1 },
        } as const,
      ];
      cluster.takeSending(n1, { type: "reply", callId, reply });
    },
  },
  {
    rule: "oneVote",
    run: () => {
      const cluster = rivals();
      cluster.deliver(cluster.find(n2, n3), forgedView({ votedFor: n2 }));
    },
  },
  {
    rule: "upToDate",
    run: () => {
      const cluster = elected();
      cluster.propose(n1);
      cluster.settle(n1, n3);
      cluster.timer(n2);
      cluster.take(n2);
      cluster.deliver(cluster.last(n2, n3));
      forgeReply(cluster, n3, grant);
    },
  },
  {
    rule: "stickiness",
    run: () => {
      const cluster = elected();
      cluster.timer(n2);
      cluster.take(n2);
      cluster.timer(n1);
      cluster.settle(n1, n3);
      cluster.deliver(cluster.find(n2, n3));
      forgeReply(cluster, n3, grant);
    },
  },
  {
    rule: "durableVote",
    run: () => {
      const cluster = elected();
      cluster.timer(n2);
      cluster.take(n2);
      cluster.deliver(cluster.find(n2, n3));
      cluster.take(n3);
      cluster.deliver(cluster.find(n3, n2, "reply"));
      cluster.take(n2);
      cluster.write(n2);
      cluster.take(n2);
      cluster.deliver(cluster.last(n2, n3));
      const reply = { type: "requestVote", term: 2, voteGranted: true } as const;
      cluster.takeSending(n3, { type: "reply", callId: cluster.lastCallId, reply });
    },
  },
  {
    rule: "campaign",
    run: () => {
      const cluster = elected();
      cluster.heartbeat(n1, n2, n3);
      cluster.step(n2, { type: "timer" }, forgedView({ role: "preCandidate", leader: undefined }));
    },
  },
  {
    rule: "candidacy",
    run: () => {
      const request = {
        type: "requestVote",
        term: 2,
        candidateId: n2,
        lastLogIndex: 1,
        lastLogTerm: 1,
        preVote: true,
      } as const;
      elected().takeSending(n2, { type: "request", to: n3, request });
    },
  },
  {
    rule: "preVoteQuorum",
    run: () => elected().timer(n2, forgedView({ role: "candidate", currentTerm: 2, votedFor: n2 })),
  },
  {
    rule: "voteQuorum",
    run: () => {
      const cluster = rivals();
      const { request } = cluster.find(n2, n3);
      cluster.step(n2, { type: "failed", to: n1, request }, forgedView({ role: "leader", leader: n2 }));
    },
  },
  {
    rule: "oneLeader",
    run: () => {
      const cluster = elected();
      cluster.timer(n1);
      cluster.take(n1);
      cluster.deliver(cluster.find(n1, n2), forgedView({ leader: n3 }));
    },
  },
  {
    rule: "leaderCompleteness",
    run: () => {
      const cluster = elected();
      const state = cluster.disk(n3).state;
      cluster.propose(n1);
      cluster.settle(n1, n3);
      cluster.crash(n3);
      cluster.monitor.storageDamaged(n3);
      cluster.start(n3, state);
      cluster.elect(n2, n3);
    },
  },
  {
    rule: "leaderNoop",
    run: () => {
      const cluster = new CoreCluster();
      const { stepped } = cluster.monitor;
      cluster.monitor.stepped = (id, input, view, nowMs) =>
        stepped.call(cluster.monitor, id, input, { ...view, entries: () => [] }, nowMs);
      cluster.elect(n1, n2, n3);
    },
  },
];
