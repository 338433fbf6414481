import { elected, type Story, wear } from "./situations.ts";
import { n1, n2, n3, Stage } from "./stage.ts";

/** Commit, application and reads (§5.3, §5.4.2, thesis §6.4). */
export const leaderStories: readonly Story[] = [
  {
    rule: "matchIndex",
    tell: () => {
      const stage = elected();
      stage.propose(n1);
      const peers = stage.view(n1).peers.map((peer) => ({ ...peer, matchIndex: 2 }));
      stage.timer(n1, wear({ peers }));
    },
  },
  {
    rule: "ownTermCommit",
    tell: () => {
      const stage = elected();
      stage.propose(n1);
      stage.take(n1);
      stage.deliver(stage.find(n1, n2));
      stage.settle(n2);
      stage.timer(n2);
      const { monitor } = stage;
      const { stepped } = monitor;
      // n2 counts its old entry as soon as it leads.
      monitor.stepped = (id, input, view, nowMs) => {
        stepped.call(
          monitor,
          id,
          input,
          view.role === "leader" && id === n2 ? { ...view, commitIndex: 2 } : view,
          nowMs,
        );
      };
      stage.settle(n2, n3);
    },
  },
  {
    rule: "commitQuorum",
    tell: () => {
      const stage = elected();
      stage.propose(n1);
      stage.take(n1);
      stage.write(n1, wear({ commitIndex: 2 }));
    },
  },
  {
    rule: "followerCommit",
    tell: () => {
      const stage = elected();
      stage.propose(n1, "a");
      stage.take(n1);
      stage.deliver(stage.find(n1, n2));
      stage.settle(n2);
      stage.settle(n1, n3);
      stage.timer(n1);
      stage.take(n1);
      stage.deliver(stage.last(n1, n2), wear({ commitIndex: 2 }));
    },
  },
  {
    rule: "commitChange",
    tell: () => {
      const stage = elected();
      stage.step(n2, { type: "timer" }, wear({ commitIndex: 0 }));
    },
  },
  {
    rule: "sameCommitted",
    tell: () => {
      const stage = new Stage();
      stage.elect(n1, n2, n3);
      stage.timer(n1);
      stage.take(n1);
      stage.deliver(stage.find(n1, n2));
      stage.take(n2, (ready) => ({ ...ready, apply: ready.apply.map((entry) => ({ ...entry, term: 9 })) }));
    },
  },
  {
    rule: "applyOrder",
    tell: () => {
      const stage = elected();
      stage.take(n2, (ready) => ({ ...ready, apply: stage.view(n2).entries(1, 1) }));
    },
  },
  {
    rule: "appliedDurable",
    tell: () => {
      const stage = elected();
      stage.propose(n1);
      stage.take(n1);
      const late = stage.find(n1, n2);
      stage.settle(n1, n3);
      stage.deliver(late);
      stage.take(n2);
      stage.timer(n1);
      stage.take(n1);
      const heartbeat = stage.find(n1, n2).request;
      if (heartbeat.type !== "appendEntries") throw new Error("no heartbeat");
      stage.propose(n1);
      stage.take(n1);
      for (;;) {
        const flight = stage.flight.find(({ from, to }) => from === n1 && to === n2);
        if (flight === undefined) break;
        stage.deliver(flight);
      }
      stage.take(n2, (ready) => ({ ...ready, apply: stage.view(n2).entries(2, 2) }));
    },
  },
  {
    rule: "readAnswer",
    tell: () => {
      elected().take(n1, (ready) => ({ ...ready, reads: [{ readId: 1, readIndex: 1 }] }));
    },
  },
  {
    rule: "readOwnTerm",
    tell: () => {
      const stage = new Stage();
      stage.timer(n1);
      for (const reply of [false, true]) {
        stage.take(n1);
        if (reply) stage.write(n1);
        stage.take(n1);
        stage.deliver(stage.last(n1, n2));
        stage.settle(n2);
        stage.deliver(stage.find(n2, n1, "reply"));
      }
      stage.settle(n1);
      stage.step(n1, { type: "read", readId: 1 });
      stage.take(n1, (ready) => ({ ...ready, reads: [{ readId: 1, readIndex: 0 }] }));
    },
  },
  {
    rule: "readRound",
    tell: () => {
      const stage = elected();
      stage.step(n1, { type: "read", readId: 1 });
      stage.take(n1, (ready) => ({ ...ready, reads: [{ readId: 1, readIndex: 1 }] }));
    },
  },
  {
    rule: "readIndex",
    tell: () => {
      const stage = elected();
      stage.step(n1, { type: "read", readId: 1 });
      stage.take(n1);
      stage.deliver(stage.find(n1, n2));
      stage.take(n2);
      stage.deliver(stage.find(n2, n1, "reply"));
      stage.take(n1, (ready) => ({
        ...ready,
        reads: ready.reads.map((read) => ({ ...read, readIndex: 0 })),
      }));
    },
  },
];
