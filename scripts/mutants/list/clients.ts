import type { Mutant } from "./mutant.ts";

/** Outcomes reported to the callers of a write. */
export const clients: readonly Mutant[] = [
  {
    id: "32",
    name: "waiter-by-index",
    mistake: "a waiter is found by its index, in any term",
    why: "A client gets success for its write, although another write got its index.",
    caughtBy: ["P8"],
    // A deposed leader's store ends the waits of its clients, which hides the mistake from them.
    edits: [
      {
        file: "src/kvraft/kv-server.ts",
        from: "      if (this.#leadership.leader() !== this.#id) this.#commands.leadershipLost();\n",
        to: "",
      },
      {
        file: "src/replica/proposals.ts",
        from: '      if (waiter.term < term) this.#settle(index, { type: "lost" });',
        to: '      if (waiter.term < 0) this.#settle(index, { type: "lost" });',
      },
      {
        file: "src/replica/proposals.ts",
        from: "const isAwaited = waiter.term === term;",
        to: "const isAwaited = true;",
      },
    ],
  },
  {
    id: "37",
    name: "timeout-reported-as-failure",
    mistake: "a proposal that timed out is reported as failed",
    why: "The client believes that the write failed, and it takes effect a moment later.",
    caughtBy: ["P8"],
    edits: [
      {
        file: "src/kvraft/clerk.ts",
        from: 'reply !== undefined || attempts.uncertain ? "unknown" : "none"',
        to: 'reply !== undefined && attempts.uncertain ? "unknown" : "none"',
      },
    ],
  },
  {
    id: "42",
    name: "pending-write-by-sequence",
    mistake: "a pending write is found by its sequence, in any session",
    why: "A client's write joins that of another client: the client gets success, although its write never took effect.",
    caughtBy: ["P8"],
    edits: [
      {
        file: "src/kvraft/pending-commands.ts",
        from: "    return this.#writes.get(session)?.get(sequence);",
        to: "    return [...this.#writes.values()].find((writes) => writes.has(sequence))?.get(sequence);",
      },
      {
        file: "src/kvraft/pending-commands.ts",
        from: "    return pending?.ticket?.owner === ticket.owner ? pending : undefined;",
        to: "    return pending;",
      },
    ],
  },
  {
    id: "43",
    name: "joined-write-ends-with-another",
    mistake: "a write that ended answers those who wait for other writes, too",
    why: "A client gets the outcome of another's write, and believes that its own was done.",
    caughtBy: ["P8"],
    edits: [
      {
        file: "src/kvraft/pending-commands.ts",
        from: "    else this.#deleteWrite(command.ticket, command);\n",
        to: "    else this.#deleteWrite(command.ticket, command);\n    for (const writes of this.#writes.values()) for (const other of writes.values()) other.settle(reply);\n",
      },
    ],
  },
];
