import { CoreCluster, n1, n2, n3 } from "./core-cluster.ts";
import { elected, forgedView, type Violation } from "./situations.ts";

/** Commit, application and reads (§5.3, §5.4.2, thesis §6.4). */
export const leaderViolations: readonly Violation[] = [
  {
    rule: "matchIndex",
    run: () => {
      const cluster = elected();
      cluster.propose(n1);
      const peers = cluster.view(n1).peers.map((peer) => ({ ...peer, matchIndex: 2 }));
      cluster.timer(n1, forgedView({ peers }));
    },
  },
  {
    rule: "ownTermCommit",
    run: () => {
      const cluster = elected();
      cluster.propose(n1);
      cluster.take(n1);
      cluster.deliver(cluster.find(n1, n2));
      cluster.settle(n2);
      cluster.timer(n2);
      const { monitor } = cluster;
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
      cluster.settle(n2, n3);
    },
  },
  {
    rule: "commitQuorum",
    run: () => {
      const cluster = elected();
      cluster.propose(n1);
      cluster.take(n1);
      cluster.write(n1, forgedView({ commitIndex: 2 }));
    },
  },
  {
    rule: "followerCommit",
    run: () => {
      const cluster = elected();
      cluster.propose(n1, "a");
      cluster.take(n1);
      cluster.deliver(cluster.find(n1, n2));
      cluster.settle(n2);
      cluster.settle(n1, n3);
      cluster.timer(n1);
      cluster.take(n1);
      cluster.deliver(cluster.last(n1, n2), forgedView({ commitIndex: 2 }));
    },
  },
  {
    rule: "commitChange",
    run: () => {
      const cluster = elected();
      cluster.step(n2, { type: "timer" }, forgedView({ commitIndex: 0 }));
    },
  },
  {
    rule: "sameCommitted",
    run: () => {
      const cluster = new CoreCluster();
      cluster.elect(n1, n2, n3);
      cluster.timer(n1);
      cluster.take(n1);
      cluster.deliver(cluster.find(n1, n2));
      cluster.take(n2, (ready) => ({ ...ready, apply: ready.apply.map((entry) => ({ ...entry, term: 9 })) }));
    },
  },
  {
    rule: "applyOrder",
    run: () => {
      const cluster = elected();
      cluster.take(n2, (ready) => ({ ...ready, apply: cluster.view(n2).entries(1, 1) }));
    },
  },
  {
    rule: "appliedDurable",
    run: () => {
      const cluster = elected();
      cluster.propose(n1);
      cluster.take(n1);
      const late = cluster.find(n1, n2);
      cluster.settle(n1, n3);
      cluster.deliver(late);
      cluster.take(n2);
      cluster.timer(n1);
      cluster.take(n1);
      const heartbeat = cluster.find(n1, n2).request;
      if (heartbeat.type !== "appendEntries") throw new Error("no heartbeat");
      cluster.propose(n1);
      cluster.take(n1);
      for (;;) {
        const flight = cluster.flight.find(({ from, to }) => from === n1 && to === n2);
        if (flight === undefined) break;
        cluster.deliver(flight);
      }
      cluster.take(n2, (ready) => ({ ...ready, apply: cluster.view(n2).entries(2, 2) }));
    },
  },
  {
    rule: "readAnswer",
    run: () => {
      elected().take(n1, (ready) => ({ ...ready, reads: [{ readId: 1, readIndex: 1 }] }));
    },
  },
  {
    rule: "readOwnTerm",
    run: () => {
      const cluster = new CoreCluster();
      cluster.timer(n1);
      for (const reply of [false, true]) {
        cluster.take(n1);
        if (reply) cluster.write(n1);
        cluster.take(n1);
        cluster.deliver(cluster.last(n1, n2));
        cluster.settle(n2);
        cluster.deliver(cluster.find(n2, n1, "reply"));
      }
      cluster.settle(n1);
      cluster.step(n1, { type: "read", readId: 1 });
      cluster.take(n1, (ready) => ({ ...ready, reads: [{ readId: 1, readIndex: 0 }] }));
    },
  },
  {
    rule: "readRound",
    run: () => {
      const cluster = elected();
      cluster.step(n1, { type: "read", readId: 1 });
      cluster.take(n1, (ready) => ({ ...ready, reads: [{ readId: 1, readIndex: 1 }] }));
    },
  },
  {
    rule: "readIndex",
    run: () => {
      const cluster = elected();
      cluster.step(n1, { type: "read", readId: 1 });
      cluster.take(n1);
      cluster.deliver(cluster.find(n1, n2));
      cluster.take(n2);
      cluster.deliver(cluster.find(n2, n1, "reply"));
      cluster.take(n1, (ready) => ({
        ...ready,
        reads: ready.reads.map((read) => ({ ...read, readIndex: 0 })),
      }));
    },
  },
];
