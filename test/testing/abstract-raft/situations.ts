import type { RaftView, Ready } from "../../../src/raft/index.ts";
import type { RuleName } from "../../../src/testing/abstract-raft/index.ts";
import { type Flight, n1, n2, n3, Stage } from "./stage.ts";

/** A step that breaks a rule, after steps that break none. */
export interface Story {
  readonly rule: RuleName;
  readonly tell: () => void;
}

/** n1 leads term 1, and its no-op is committed everywhere. */
export function elected(): Stage {
  const stage = new Stage();
  stage.elect(n1, n2, n3);
  stage.heartbeat(n1, n2, n3);
  return stage;
}

/** n1 led term 1 and wrote two entries that nobody else has; n2 leads term 2 with n3. */
export function deposed(): Stage {
  const stage = elected();
  stage.propose(n1, "lost");
  stage.propose(n1, "lost too");
  stage.settle(n1);
  stage.elect(n2, n3);
  return stage;
}

export function wear(mask: Partial<RaftView>): (view: RaftView) => RaftView {
  return (view) => ({ ...view, ...mask });
}

/** The reply to the last call, with other contents. */
export function lie(stage: Stage, id: typeof n1, change: (reply: Reply) => Reply): void {
  stage.take(id, (ready) => ({
    ...ready,
    send: ready.send.map((message) =>
      message.type === "reply" ? { ...message, reply: change(message.reply) } : message,
    ),
  }));
}

export type Reply = Extract<Ready["send"][number], { type: "reply" }>["reply"];

export const grant = (reply: Reply): Reply =>
  reply.type === "requestVote" ? { ...reply, voteGranted: true } : reply;
export const accept = (reply: Reply): Reply =>
  reply.type === "appendEntries"
    ? { type: "appendEntries", term: reply.term, round: reply.round, success: true }
    : reply;

/** Both of n2 and n3 ask for votes in term 2. */
export function rivals(): Stage {
  const stage = elected();
  for (const id of [n2, n3]) {
    stage.timer(id);
    stage.take(id);
  }
  // Neither lets the other go first any more.
  stage.now += 1000;
  for (const [from, to] of [
    [n2, n3],
    [n3, n2],
  ] as const) {
    stage.deliver(stage.find(from, to));
    stage.take(to);
  }
  for (const [from, to] of [
    [n2, n3],
    [n3, n2],
  ] as const) {
    stage.deliver(stage.find(from, to, "reply"));
    stage.take(to);
    stage.write(to);
    stage.take(to);
  }
  return stage;
}

/** n1 sends n3 a snapshot up to index 3, of which n3 has handed the last chunk to its disk. */
export function snapshotUnderWay(holdsSuffix: boolean): {
  stage: Stage;
  meta: { lastIncludedIndex: number; lastIncludedTerm: number };
} {
  const stage = elected();
  for (const text of ["a", "b", "c"]) stage.propose(n1, text);
  stage.take(n1);
  if (holdsSuffix) {
    stage.deliver(stage.find(n1, n3));
    stage.take(n3);
    stage.write(n3);
    stage.take(n3);
  }
  stage.settle(n1, n2);
  const meta = { lastIncludedIndex: 3, lastIncludedTerm: 1 };
  stage.step(n1, { type: "snapshotSaved", meta });
  const request = { type: "installSnapshot", term: 1, leaderId: n1, ...meta, offset: 0 } as const;
  stage.take(n1, (ready) => ({ ...ready, sendChunks: [{ to: n3, request, maxBytes: 1, deadlineMs: 1000 }] }));
  const data = new Uint8Array(1);
  const flight: Flight = { type: "request", from: n1, to: n3, request: { ...request, data, done: true } };
  stage.deliver(flight);
  stage.take(n3);
  stage.step(n3, { type: "chunkStored", callId: stage.lastCallId, meta, nextOffset: 1 });
  return { stage, meta };
}
