import { accept, deposed, elected, grant, lie, rivals, type Story, wear } from "./situations.ts";
import { n1, n2, n3, Stage } from "./stage.ts";

/** Messages, terms, votes and roles (§5.1, §5.2, §5.4.1). */
export const electionStories: readonly Story[] = [
  {
    rule: "sent",
    tell: () => {
      const stage = elected();
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
      stage.deliver({ type: "request", from: n1, to: n2, request });
    },
  },
  {
    rule: "reply",
    tell: () => {
      const reply = { type: "requestVote", term: 1, voteGranted: false } as const;
      elected().takeSending(n2, { type: "reply", callId: 1000, reply });
    },
  },
  {
    rule: "staleTerm",
    tell: () => {
      const stage = deposed();
      stage.deliver(stage.find(n1, n2));
      lie(stage, n2, accept);
    },
  },
  {
    rule: "higherTerm",
    tell: () => {
      const stage = deposed();
      const before = { ...stage.view(n1) };
      stage.deliver(stage.find(n1, n2));
      stage.take(n2);
      stage.deliver(stage.find(n2, n1, "reply"), wear(before));
    },
  },
  {
    rule: "role",
    tell: () => {
      const stage = elected();
      stage.timer(n1);
      stage.take(n1);
      const { request } = stage.find(n1, n2);
      stage.step(n1, { type: "failed", to: n2, request }, wear({ role: "follower", leader: undefined }));
    },
  },
  {
    rule: "durableTerm",
    tell: () => {
      const stage = deposed();
      stage.propose(n2);
      stage.take(n2);
      stage.deliver(stage.last(n2, n1));
      const [callId, reply] = [
        stage.lastCallId,
        {
          type: "appendEntries",
          term: 2,
          round: 0,
          success: false,
          conflict: { index: 1, term: 1 },
        } as const,
      ];
      stage.takeSending(n1, { type: "reply", callId, reply });
    },
  },
  {
    rule: "oneVote",
    tell: () => {
      const stage = rivals();
      stage.deliver(stage.find(n2, n3), wear({ votedFor: n2 }));
    },
  },
  {
    rule: "upToDate",
    tell: () => {
      const stage = elected();
      stage.propose(n1);
      stage.settle(n1, n3);
      stage.timer(n2);
      stage.take(n2);
      stage.deliver(stage.last(n2, n3));
      lie(stage, n3, grant);
    },
  },
  {
    rule: "stickiness",
    tell: () => {
      const stage = elected();
      stage.timer(n2);
      stage.take(n2);
      stage.timer(n1);
      stage.settle(n1, n3);
      stage.deliver(stage.find(n2, n3));
      lie(stage, n3, grant);
    },
  },
  {
    rule: "durableVote",
    tell: () => {
      const stage = elected();
      stage.timer(n2);
      stage.take(n2);
      stage.deliver(stage.find(n2, n3));
      stage.take(n3);
      stage.deliver(stage.find(n3, n2, "reply"));
      stage.take(n2);
      stage.write(n2);
      stage.take(n2);
      stage.deliver(stage.last(n2, n3));
      const reply = { type: "requestVote", term: 2, voteGranted: true } as const;
      stage.takeSending(n3, { type: "reply", callId: stage.lastCallId, reply });
    },
  },
  {
    rule: "campaign",
    tell: () => {
      const stage = elected();
      stage.heartbeat(n1, n2, n3);
      stage.step(n2, { type: "timer" }, wear({ role: "preCandidate", leader: undefined }));
    },
  },
  {
    rule: "candidacy",
    tell: () => {
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
    tell: () => elected().timer(n2, wear({ role: "candidate", currentTerm: 2, votedFor: n2 })),
  },
  {
    rule: "voteQuorum",
    tell: () => {
      const stage = rivals();
      const { request } = stage.find(n2, n3);
      stage.step(n2, { type: "failed", to: n1, request }, wear({ role: "leader", leader: n2 }));
    },
  },
  {
    rule: "oneLeader",
    tell: () => {
      const stage = elected();
      stage.timer(n1);
      stage.take(n1);
      stage.deliver(stage.find(n1, n2), wear({ leader: n3 }));
    },
  },
  {
    rule: "leaderCompleteness",
    tell: () => {
      const stage = elected();
      const state = stage.disk(n3).state;
      stage.propose(n1);
      stage.settle(n1, n3);
      stage.crash(n3);
      stage.monitor.storageDamaged(n3);
      stage.start(n3, state);
      stage.elect(n2, n3);
    },
  },
  {
    rule: "leaderNoop",
    tell: () => {
      const stage = new Stage();
      const { stepped } = stage.monitor;
      stage.monitor.stepped = (id, input, view, nowMs) =>
        stepped.call(stage.monitor, id, input, { ...view, entries: () => [] }, nowMs);
      stage.elect(n1, n2, n3);
    },
  },
];
