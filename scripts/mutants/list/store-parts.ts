import type { Mutant } from "./mutant.ts";

/** Contracts between the parts of the replicated store. The parts' own assertions find these first. */
export const storeParts: readonly Mutant[] = [
  {
    id: "54",
    name: "ticket-gives-up-earlier-results",
    mistake: "a ticket says that the client needs no result below the session's latest write",
    why: "The cluster forgets results that the client still needs, so a repeated write has an unknown outcome.",
    caughtBy: ["bug"],
    edits: [
      {
        file: "src/kvraft/session.ts",
        from: "const { id: session, pending, lowest: lowestPending } = this.#opened;",
        to: "const { id: session, pending, lastSequence: lowestPending } = this.#opened;",
      },
    ],
  },
  {
    id: "55",
    name: "pending-commands-forgotten",
    mistake: "a replica that stops leading forgets the commands that it proposed",
    why: "If it leads again, repeated writes do not join the entry in its log, but add another one each time.",
    caughtBy: ["bug"],
    edits: [
      {
        file: "src/kvraft/pending-commands.ts",
        from: '    for (const command of this.#others) command.settle({ type: "unknown" });\n',
        to: '    for (const command of this.#others) command.settle({ type: "unknown" });\n    this.#writes.clear();\n    this.#others.clear();\n',
      },
    ],
  },
  {
    id: "56",
    name: "last-record-not-moved",
    mistake: "a record that grows does not move the end of the last record behind it",
    why: "The next write to the page overwrites the end of a value, on all replicas in the same way.",
    caughtBy: ["bug"],
    edits: [
      {
        file: "src/kv/page.ts",
        from: "    for (let after = at + 1; after <= this.#count; after++) this.#starts[after] = this.#start(after) + by;\n",
        to: "    for (let after = at + 1; after < this.#count; after++) this.#starts[after] = this.#start(after) + by;\n",
      },
    ],
  },
  {
    id: "57",
    name: "one-session-too-many",
    mistake: "a session is opened although there are as many as allowed",
    why: "The limit of memory is exceeded. All replicas are equal, so no other check finds it.",
    caughtBy: ["bug"],
    edits: [
      {
        file: "src/kv/sessions.ts",
        from: "this.#countOf(owner) < maxSessionsPerOwner;",
        to: "this.#countOf(owner) <= maxSessionsPerOwner;",
      },
    ],
  },
  {
    id: "58",
    name: "captured-session-changes",
    mistake: "a session that a snapshot has captured is changed in place",
    why: "The snapshot has results of writes that come after its last entry.",
    caughtBy: ["bug"],
    edits: [
      {
        file: "src/kv/sessions.ts",
        from: "    const captured = known.generation !== this.#generation;",
        to: "    const captured = false;",
      },
    ],
  },
  {
    id: "64",
    name: "short-write-with-another-ticket",
    mistake: "a write that began by the short way continues with a new ticket",
    why: "If its leader is deposed and the write is committed after all, it takes effect twice.",
    caughtBy: ["P8"],
    rare: "test/kvraft/short-calls.test.ts",
    edits: [
      {
        file: "src/kvraft/clerk.ts",
        from: "      begun?.ticket ??\n",
        to: "",
      },
    ],
  },
  {
    id: "65",
    name: "read-of-an-earlier-turn",
    mistake: "reads by callback share a read that the core has already begun",
    why: "Its index is older than writes that were acknowledged in the meantime.",
    caughtBy: ["P8"],
    rare: "test/replica/reads.test.ts",
    edits: [
      {
        file: "src/replica/driver.ts",
        from: "        this.parts.reads.turnEnded();\n",
        to: "",
      },
    ],
  },
];
