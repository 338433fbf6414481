import { RaftCore, type RaftReply, type Ready } from "../../../src/raft/index.ts";
import type { CoreMaker, ExplorableCore } from "../../../src/testing/exploration/index.ts";

/** Cores with one mistake each. */

/** A vote is lost in a crash. */
export const forgetsItsVote: CoreMaker = (config, restored, now) =>
  new RaftCore(config, { ...restored, hardState: { ...restored.hardState, votedFor: undefined } }, now);

/** Nobody else's vote is needed. */
export const needsNoQuorum: CoreMaker = (config, restored, now) =>
  new RaftCore({ ...config, voters: [config.id] }, restored, now);

/** Votes for every candidate. */
export const votesTwice: CoreMaker = (config, restored, now) =>
  replying(new RaftCore(config, restored, now), (reply) =>
    reply.type === "requestVote" ? { ...reply, voteGranted: true } : reply,
  );

/** Acknowledges entries that it refused. */
export const acknowledgesAll: CoreMaker = (config, restored, now) =>
  replying(new RaftCore(config, restored, now), (reply) =>
    reply.type === "appendEntries"
      ? { type: reply.type, term: reply.term, round: reply.round, success: true }
      : reply,
  );

/** Answers before its writes are done: they are reported as done when they begin. */
export const answersTooEarly: CoreMaker = (config, restored, now) => {
  const core = new RaftCore(config, restored, now);
  let lastMs = now;
  return {
    ...portsOf(core),
    step: (input, at) => {
      lastMs = at;
      if (input.type !== "persisted") core.step(input, at);
    },
    take: () => {
      const ready = core.take();
      if (ready.persist === undefined) return ready;
      core.step({ type: "persisted", batch: ready.persist }, lastMs);
      const after = core.take();
      return {
        ...after,
        persist: ready.persist,
        send: [...ready.send, ...after.send],
        apply: [...ready.apply, ...after.apply],
      };
    },
  };
};

/** Votes for logs of any length. */
export const trustsAnyLog: CoreMaker = (config, restored, now) => {
  const core = new RaftCore(config, restored, now);
  return {
    ...portsOf(core),
    step: (input, at) => {
      if (input.type !== "request" || input.request.type !== "requestVote") return core.step(input, at);
      core.step({ ...input, request: { ...input.request, lastLogIndex: 99, lastLogTerm: 99 } }, at);
    },
  };
};

/** Stores other bytes than the leader sent. */
export const storesOtherBytes: CoreMaker = (config, restored, now) => {
  const core = new RaftCore(config, restored, now);
  return {
    ...portsOf(core),
    step: (input, at) => {
      if (input.type !== "request" || input.request.type !== "appendEntries") return core.step(input, at);
      const entries = input.request.entries.map((entry) => ({
        ...entry,
        data: Uint8Array.of(config.id.length),
      }));
      core.step({ ...input, request: { ...input.request, entries } }, at);
    },
  };
};

function replying(core: RaftCore, change: (reply: RaftReply) => RaftReply): ExplorableCore {
  const changed = (ready: Ready): Ready => ({
    ...ready,
    send: ready.send.map((message) =>
      message.type === "reply" ? { ...message, reply: change(message.reply) } : message,
    ),
  });
  return { ...portsOf(core), take: () => changed(core.take()) };
}

function portsOf(core: RaftCore): ExplorableCore {
  return {
    step: (input, now) => core.step(input, now),
    propose: (command) => core.propose(command),
    take: () => core.take(),
    deadline: () => core.deadline(),
    view: () => core.view(),
  };
}
