import { expect, test } from "vitest";
import { appendEntries, n2, n3, stateOf } from "./inputs.ts";
import { OneCore } from "./one-core.ts";

test("a disk that hangs holds back a thousand replies at most: the oldest calls get none", () => {
  const core = new OneCore({ restored: stateOf({ term: 1, log: "1@1" }) });
  core.slowDisk = true;
  const first = core.call(n2, appendEntries(n2, { term: 2 }));
  for (let n = 0; n < 2000; n++) core.call(n2, appendEntries(n2, { term: 2 }));
  expect(core.unanswered.length).toBe(2001 - 1024);
  expect(core.unanswered[0]).toBe(first);
  while (core.writes.length > 0) core.completeWrite();
  const answered = Array.from({ length: 2001 }, (_, at) => core.replyTo(first + at)).filter(Boolean);
  expect(answered.length).toBe(1024);
});

test("of requests that are repeated while the disk hangs the newest is held", () => {
  const core = new OneCore({ restored: stateOf({ term: 1, log: "1@1" }) });
  core.slowDisk = true;
  core.elapse(core.replica.core.deadline() - core.now);
  for (const sent of core.takeSent()) {
    core.answer(sent, { type: "requestVote", term: 1, voteGranted: true });
  }
  expect(core.view.role).toBe("candidate");
  core.elapse(60_000);
  expect(core.takeSent(), "the candidate's vote is not durable").toEqual([]);
  while (core.writes.length > 0) core.completeWrite();
  expect(core.takeSent().map(({ to }) => to)).toEqual([n2, n3]);
});
