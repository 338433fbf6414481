import type { RaftView, Ready, SnapshotMeta } from "../../../src/raft/index.ts";
import type { RuleName } from "../../../src/testing/abstract-raft/index.ts";
import { CoreCluster, type Flight, n1, n2, n3 } from "./core-cluster.ts";

/** A run whose last step breaks a rule. */
export interface Violation {
  readonly rule: RuleName;
  readonly run: () => void;
}

/** n1 leads term 1, and all replicas know that its no-op is committed. */
export function elected(): CoreCluster {
  const cluster = new CoreCluster();
  cluster.elect(n1, n2, n3);
  cluster.heartbeat(n1, n2, n3);
  return cluster;
}

/** n1 led term 1 and has two entries that no other replica has; n2 leads term 2 with n3. */
export function deposed(): CoreCluster {
  const cluster = elected();
  cluster.propose(n1, "lost");
  cluster.propose(n1, "lost too");
  cluster.settle(n1);
  cluster.elect(n2, n3);
  return cluster;
}

export function forgedView(mask: Partial<RaftView>): (view: RaftView) => RaftView {
  return (view) => ({ ...view, ...mask });
}

/** Takes a `Ready` and reports it with a changed reply. */
export function forgeReply(cluster: CoreCluster, id: typeof n1, change: (reply: Reply) => Reply): void {
  cluster.take(id, (ready) => ({
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

/** n2 and n3 are both candidates of term 2. */
export function rivals(): CoreCluster {
  const cluster = elected();
  for (const id of [n2, n3]) {
    cluster.timer(id);
    cluster.take(id);
  }
  // The time in which each supports the other's campaign is over.
  cluster.now += 1000;
  for (const [from, to] of [
    [n2, n3],
    [n3, n2],
  ] as const) {
    cluster.deliver(cluster.find(from, to));
    cluster.take(to);
  }
  for (const [from, to] of [
    [n2, n3],
    [n3, n2],
  ] as const) {
    cluster.deliver(cluster.find(from, to, "reply"));
    cluster.take(to);
    cluster.write(to);
    cluster.take(to);
  }
  return cluster;
}

/** n1 sends n3 a snapshot up to index 3, and n3's disk is writing the last chunk. */
export function snapshotInFlight(holdsSuffix: boolean): {
  cluster: CoreCluster;
  meta: SnapshotMeta;
} {
  const cluster = elected();
  for (const text of ["a", "b", "c"]) cluster.propose(n1, text);
  cluster.take(n1);
  if (holdsSuffix) {
    cluster.deliver(cluster.find(n1, n3));
    cluster.take(n3);
    cluster.write(n3);
    cluster.take(n3);
  }
  cluster.settle(n1, n2);
  const meta = cluster.metaAt(n1, 3);
  cluster.step(n1, { type: "snapshotSaved", meta });
  const request = { type: "installSnapshot", term: 1, leaderId: n1, ...meta, offset: 0 } as const;
  cluster.take(n1, (ready) => ({
    ...ready,
    sendChunks: [{ to: n3, request, maxBytes: 1, deadlineMs: 1000 }],
  }));
  const data = new Uint8Array(1);
  const flight: Flight = { type: "request", from: n1, to: n3, request: { ...request, data, done: true } };
  cluster.deliver(flight);
  cluster.take(n3);
  cluster.step(n3, { type: "chunkStored", callId: cluster.lastCallId, meta, nextOffset: 1 });
  return { cluster, meta };
}
