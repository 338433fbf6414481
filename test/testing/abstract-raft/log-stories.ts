import { accept, deposed, elected, lie, type Story, wear } from "./situations.ts";
import { type Flight, n1, n2, n3 } from "./stage.ts";

/** How a log changes, and what may be told of it (§5.3). */
export const logStories: readonly Story[] = [
  {
    rule: "logChange",
    tell: () => {
      const stage = elected();
      stage.step(n2, { type: "timer" }, wear({ lastLogIndex: 0, lastLogTerm: 0 }));
    },
  },
  {
    rule: "proposal",
    tell: () => {
      const stage = elected();
      const [data, proposed] = [new Uint8Array(), { type: "accepted", index: 2, term: 1 } as const];
      stage.monitor.stepped(n2, { type: "propose", data, proposed }, stage.view(n2), 0);
    },
  },
  {
    rule: "prevMatches",
    tell: () => {
      const stage = elected();
      for (const text of ["missed", "late"]) {
        stage.propose(n1, text);
        stage.take(n1);
      }
      stage.deliver(stage.last(n1, n2));
      lie(stage, n2, accept);
    },
  },
  {
    rule: "conflictOnly",
    tell: () => {
      const stage = elected();
      stage.propose(n1, "a");
      stage.take(n1);
      const late = stage.find(n1, n2);
      stage.propose(n1, "b");
      stage.settle(n1, n2, n3);
      stage.step(n2, stage.arrival(late), wear({ lastLogIndex: 2 }));
    },
  },
  {
    rule: "staleTail",
    tell: () => {
      const stage = deposed();
      const isNoop = ({ to, request }: Flight) =>
        to === n1 && request.type === "appendEntries" && request.term === 2 && request.entries.length > 0;
      for (const flight of stage.flight.filter(isNoop)) stage.deliver(flight, wear({ lastLogIndex: 3 }));
    },
  },
  {
    rule: "entriesStored",
    tell: () => {
      const stage = elected();
      stage.propose(n1);
      stage.take(n1);
      stage.deliver(stage.find(n1, n2), wear({ lastLogIndex: 1 }));
    },
  },
  {
    rule: "logMatching",
    tell: () => {
      const stage = elected();
      stage.propose(n1);
      stage.take(n1);
      const flight = stage.find(n1, n2);
      if (flight.request.type !== "appendEntries") throw new Error("no entries");
      const entries = flight.request.entries.map((entry) => ({ ...entry, data: new Uint8Array(3) }));
      stage.deliver({ type: "request", from: n1, to: n2, request: { ...flight.request, entries } });
    },
  },
  {
    rule: "leaderSends",
    tell: () => {
      const stage = elected();
      stage.timer(n1);
      stage.take(n1);
      const { request } = stage.find(n1, n2);
      if (request.type !== "appendEntries") throw new Error("no heartbeat");
      stage.takeSending(n2, { type: "request", to: n3, request: { ...request, leaderId: n2 } });
    },
  },
  {
    rule: "durableAck",
    tell: () => {
      const stage = elected();
      stage.propose(n1);
      stage.take(n1);
      stage.deliver(stage.find(n1, n2));
      const reply = { type: "appendEntries", term: 1, round: 0, success: true } as const;
      stage.takeSending(n2, { type: "reply", callId: stage.lastCallId, reply });
    },
  },
];
