import type { Mutant } from "./mutant.ts";

/** Contracts between the parts of a replica. The parts' own assertions find these first. */
export const parts: readonly Mutant[] = [
  {
    id: "47",
    name: "chunks-in-flight-together",
    mistake: "a leader sends the next chunk while one is in flight",
    why: "The same chunk is sent repeatedly, and its replies can't be distinguished.",
    caughtBy: ["bug"],
    edits: [
      {
        file: "src/raft/roles/replication.ts",
        from: 'if (progress.mode.type !== "snapshot" || progress.paused || progress.chunkInflight) return;',
        to: 'if (progress.mode.type !== "snapshot" || progress.paused) return;',
      },
    ],
  },
  {
    id: "48",
    name: "window-never-reopens",
    mistake: "the bytes of messages that were answered still count as in flight",
    why: "The window of a peer shrinks until nothing more is sent to it.",
    caughtBy: ["bug"],
    edits: [
      {
        file: "src/raft/tracker/progress.ts",
        from: "    this.#inflight.delete(request);\n    this.#inflightBytes -= bytes;\n",
        to: "    this.#inflight.delete(request);\n",
      },
    ],
  },
  {
    id: "49",
    name: "durable-after-cut",
    mistake: "what was cut off the log still counts as durable",
    why: "Entries that replace those are acknowledged before they are written.",
    caughtBy: ["bug"],
    edits: [
      {
        file: "src/raft/log/durability.ts",
        from: "    this.#durableIndex = Math.min(this.#durableIndex, index - 1);\n",
        to: "",
      },
    ],
  },
  {
    id: "50",
    name: "request-before-its-term",
    mistake: "a request leaves before its term is durable",
    why: "A candidate requests votes in a term, crashes, and has forgotten that it campaigned in that term.",
    caughtBy: ["bug"],
    edits: [
      {
        file: "src/raft/outbox.ts",
        from: '    this.#post({ type: "request", to, request, deadlineMs }, this.#durability.ballotVersion, 0);',
        to: '    this.#post({ type: "request", to, request, deadlineMs }, 0, 0);',
      },
    ],
  },
  {
    id: "51",
    name: "unfinished-snapshot-goes-on",
    mistake: "a snapshot that begins anew is stored behind the unfinished one",
    why: "The installed snapshot is neither of the two.",
    caughtBy: ["bug"],
    edits: [
      {
        file: "src/replica/snapshot-receiver.ts",
        from: "    if (offset === 0) {",
        to: "    if (offset === 0 && this.#sink === undefined) {",
      },
    ],
  },
  {
    id: "66",
    name: "window-without-a-limit",
    mistake: "any number of messages may be in flight to a peer",
    why: "The whole log of a leader waits in the network before a peer that is slow.",
    caughtBy: ["bug"],
    edits: [
      {
        file: "src/raft/roles/replication.ts",
        from: "    inflight < config.maxInflightAppends &&\n",
        to: "",
      },
    ],
  },
  {
    id: "67",
    name: "window-opens-at-the-heartbeat",
    mistake: "the time from which a few entries join those in flight is not part of the deadline",
    why: "They wait for the next input, at worst for the heartbeat.",
    caughtBy: ["liveness"],
    rare: "test/raft/roles/replication.test.ts",
    edits: [
      {
        file: "src/raft/core.ts",
        from: "        return Math.min(role.nextHeartbeatMs, windowDeadlineMs(this.#raft, role));",
        to: "        return role.nextHeartbeatMs;",
      },
    ],
  },
];
