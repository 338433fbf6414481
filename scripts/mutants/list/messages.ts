import type { Mutant } from "./mutant.ts";

/** Calls and replies as bytes. */
export const messages: readonly Mutant[] = [
  {
    id: "40",
    name: "reply-to-another-request",
    mistake: "a reply is matched to the wrong request on a reused connection",
    why: "A success for an earlier message makes a leader count entries that never arrived.",
    caughtBy: ["rule", "P7", "P8"],
    edits: [
      {
        file: "src/rpc/call-client.ts",
        from: "if (reply.callId !== callId) {",
        to: "if (reply.callId === 0) {",
      },
    ],
  },
  {
    id: "41a",
    name: "foreign-cluster-accepted",
    mistake: "messages of another cluster are accepted",
    why: "A wrong address joins two clusters: terms, votes and entries of one count in the other.",
    caughtBy: ["rule", "bug"],
    edits: [
      {
        file: "src/rpc/call-server.ts",
        from: "    if (header.clusterId !== clusterId) {",
        to: "    if (header.clusterId.length === 0) {",
      },
    ],
  },
  {
    id: "41b",
    name: "foreign-uid-accepted",
    mistake: "the uid of the sender's cluster is not looked at",
    why: "Two clusters with the default name join if an address of one leads to the other.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "src/replica/identities.ts",
        from: "if (ours === undefined || theirs === undefined || isSame(ours, theirs)) return undefined;",
        to: "if (ours === undefined || theirs === undefined || ours !== theirs) return undefined;",
      },
    ],
  },
];
