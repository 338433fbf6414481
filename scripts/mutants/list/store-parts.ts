import type { Mutant } from "./mutant.ts";

/** What the parts of the replicated store promise each other. The parts' own assertions find these first. */
export const storeParts: readonly Mutant[] = [
  {
    id: "54",
    name: "ticket-gives-up-earlier-results",
    mistake: "a ticket says that the client needs no result below the session's latest write",
    why: "The cluster forgets results that the client waits for, and a repeated write ends with an unknown outcome.",
    caughtBy: ["bug"],
    edits: [
      {
        file: "src/kvraft/session.ts",
        from: "  const lowest = firstOf(pending) ?? sequence;",
        to: "  const lowest = Math.max(sequence, ...pending);",
      },
    ],
  },
  {
    id: "55",
    name: "pending-commands-forgotten",
    mistake: "a replica that stops leading forgets the commands that it proposed",
    why: "If it leads again, a repeated write joins no entry of its log, and makes the log longer each time.",
    caughtBy: ["bug"],
    edits: [
      {
        file: "src/kvraft/pending-commands.ts",
        from: '    for (const command of this.#others) command.settle({ type: "unknown" });\n',
        to: '    for (const command of this.#others) command.settle({ type: "unknown" });\n    this.#writes.clear();\n    this.#others.clear();\n',
      },
    ],
  },
];
