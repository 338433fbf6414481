import type { Mutant } from "./mutant.ts";

/** Processes on copies of a replica's data. */
export const copies: readonly Mutant[] = [
  {
    id: "46a",
    name: "starts-not-compared",
    mistake: "starts of a storage are not compared",
    why: "A replica on an older copy of its data votes twice in a term, and helps to elect leaders that lack acknowledged entries.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "src/replica/identities.ts",
        from: "return use.starts < known.starts || (use.starts === known.starts && use.boot !== known.boot);",
        to: "return use.starts === known.starts && use.boot !== known.boot;",
      },
    ],
  },
  {
    id: "46b",
    name: "second-process-accepted",
    mistake: "of two processes with as many starts both are accepted",
    why: "A replica and its clone vote for two candidates in one term.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "src/replica/identities.ts",
        from: "return use.starts < known.starts || (use.starts === known.starts && use.boot !== known.boot);",
        to: "return use.starts < known.starts;",
      },
    ],
  },
  {
    id: "46c",
    name: "marked-after-the-stop",
    mistake: "a process on a copy stops before its data is marked as outdated",
    why: "The copy has one start more than the original, and counts as the newest.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "src/replica/identities.ts",
        from: "else track(persister.retire(sentence, newer).then(end, unmarked));",
        to: "else {\n      end();\n      track(persister.retire(sentence, newer).catch(unmarked));\n    }",
      },
    ],
  },
  {
    id: "46d",
    name: "counted-before-the-mark",
    mistake: "a copy counts the newer starts before it is marked as outdated",
    why: "The power fails between the two: the copy is started again, and counts as the newest.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "adapters/file/file-persister.ts",
        from: "      await writeOutdated(folder, reason);\n",
        to: "",
      },
      {
        file: "adapters/file/file-persister.ts",
        from: "Math.max(starts.starts, newer.starts) });\n",
        to: "Math.max(starts.starts, newer.starts) });\n      await writeOutdated(folder, reason);\n",
      },
    ],
  },
  {
    id: "46e",
    name: "refused-and-not-told",
    mistake: "a process on a copy is refused, and not told why",
    why: "It runs forever, and counts as the newest after enough starts.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "src/replica/identities.ts",
        from: "      peer.introduction = { ...this.#own, receiver: known };\n",
        to: "",
      },
    ],
  },
];
