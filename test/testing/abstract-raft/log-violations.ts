import { type Flight, n1, n2, n3 } from "./core-cluster.ts";
import { accept, deposed, elected, forgedView, forgeReply, type Violation } from "./situations.ts";

/** Changes of the log, and claims about it (§5.3). */
export const logViolations: readonly Violation[] = [
  {
    rule: "logChange",
    run: () => {
      const cluster = elected();
      cluster.step(n2, { type: "timer" }, forgedView({ lastLogIndex: 0, lastLogTerm: 0 }));
    },
  },
  {
    rule: "proposal",
    run: () => {
      const cluster = elected();
      const [data, proposed] = [new Uint8Array(), { type: "accepted", index: 2, term: 1 } as const];
      cluster.monitor.stepped(n2, { type: "propose", data, proposed }, cluster.view(n2), 0);
    },
  },
  {
    rule: "prevMatches",
    run: () => {
      const cluster = elected();
      for (const text of ["missed", "late"]) {
        cluster.propose(n1, text);
        cluster.take(n1);
      }
      cluster.deliver(cluster.last(n1, n2));
      forgeReply(cluster, n2, accept);
    },
  },
  {
    rule: "conflictOnly",
    run: () => {
      const cluster = elected();
      cluster.propose(n1, "a");
      cluster.take(n1);
      const late = cluster.find(n1, n2);
      cluster.propose(n1, "b");
      cluster.settle(n1, n2, n3);
      cluster.step(n2, cluster.arrival(late), forgedView({ lastLogIndex: 2 }));
    },
  },
  {
    rule: "staleTail",
    run: () => {
      const cluster = deposed();
      const isNoop = ({ to, request }: Flight) =>
        to === n1 && request.type === "appendEntries" && request.term === 2 && request.entries.length > 0;
      for (const flight of cluster.flight.filter(isNoop))
        cluster.deliver(flight, forgedView({ lastLogIndex: 3 }));
    },
  },
  {
    rule: "entriesStored",
    run: () => {
      const cluster = elected();
      cluster.propose(n1);
      cluster.take(n1);
      cluster.deliver(cluster.find(n1, n2), forgedView({ lastLogIndex: 1 }));
    },
  },
  {
    rule: "logMatching",
    run: () => {
      const cluster = elected();
      cluster.propose(n1);
      cluster.take(n1);
      const flight = cluster.find(n1, n2);
      if (flight.request.type !== "appendEntries") throw new Error("no entries");
      const entries = flight.request.entries.map((entry) => ({ ...entry, data: new Uint8Array(3) }));
      cluster.deliver({ type: "request", from: n1, to: n2, request: { ...flight.request, entries } });
    },
  },
  {
    rule: "leaderSends",
    run: () => {
      const cluster = elected();
      cluster.timer(n1);
      cluster.take(n1);
      const { request } = cluster.find(n1, n2);
      if (request.type !== "appendEntries") throw new Error("no heartbeat");
      cluster.takeSending(n2, { type: "request", to: n3, request: { ...request, leaderId: n2 } });
    },
  },
  {
    rule: "durableAck",
    run: () => {
      const cluster = elected();
      cluster.propose(n1);
      cluster.take(n1);
      cluster.deliver(cluster.find(n1, n2));
      const reply = { type: "appendEntries", term: 1, round: 0, success: true } as const;
      cluster.takeSending(n2, { type: "reply", callId: cluster.lastCallId, reply });
    },
  },
];
