import type { Mutant } from "./mutant.ts";

/** What those who asked for a write are told. */
export const clients: readonly Mutant[] = [
  {
    id: "32",
    name: "waiter-by-index",
    mistake: "a waiter is known by its index, whatever the term",
    why: "A client is told that its write was made, when it was another's that came to stand there.",
    caughtBy: ["P8"],
    hard: true,
    edits: [
      {
        file: "src/replica/proposals.ts",
        from: '      if (waiter.term < term) this.#settle(index, { type: "lost" });',
        to: '      if (waiter.term < 0) this.#settle(index, { type: "lost" });',
      },
      {
        file: "src/replica/proposals.ts",
        from: "const isAwaited = this.#waiters.get(index)?.term === term;",
        to: "const isAwaited = true;",
      },
    ],
  },
  {
    id: "37",
    name: "timeout-reported-as-failure",
    mistake: "a proposal that timed out is reported as failed",
    why: "The client takes the write for undone, and it is made a moment later.",
    caughtBy: ["P8"],
    edits: [
      {
        file: "src/kvraft/clerk.ts",
        from: 'outcome: sent ? "unknown" : "none" };',
        to: 'outcome: sent && reply !== undefined ? "unknown" : "none" };',
      },
    ],
  },
];
