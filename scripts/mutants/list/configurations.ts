import type { Mutant } from "./mutant.ts";

/** The configurations in the log and in snapshots (§6). */
export const configurations: readonly Mutant[] = [
  {
    id: "52a",
    name: "snapshot-without-configuration",
    mistake: "a snapshot is saved without the configuration that it covers",
    why: "When the log is compacted, a restarted replica no longer knows the cluster's members.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "src/raft/log/log.ts",
        from: "lastIncludedTerm: term, ...(configuration && { configuration }) };",
        to: "lastIncludedTerm: term };",
      },
    ],
  },
  {
    id: "52b",
    name: "received-snapshot-without-configuration",
    mistake: "a received snapshot is stored without its configuration",
    why: "The replica that received it does not know the cluster's members.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "src/raft/roles/install-snapshot.ts",
        from: "lastIncludedTerm, ...(configuration && { configuration }) };",
        to: "lastIncludedTerm };",
      },
    ],
  },
  {
    id: "53",
    name: "configuration-forgotten-on-restart",
    mistake: "a restarted replica does not look for configurations in its log",
    why: "Its next snapshot has none, and the log that had it is compacted.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "src/raft/log/log.ts",
        from: "    for (const entry of restored.entries) this.#configurations.appended(entry);\n",
        to: "",
      },
    ],
  },
];
