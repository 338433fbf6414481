import type { Mutant } from "./mutant.ts";

const caller = "src/rpc/sealed/sealed-caller.ts";
const receiver = "src/rpc/sealed/sealed-receiver.ts";

/** The seal of the messages between replicas. */
export const seals: readonly Mutant[] = [
  {
    id: "59a",
    name: "reply-seal-not-checked",
    mistake: "the seal of a reply is not checked",
    why: "Everyone on the way between two replicas makes a leader count entries that no peer has.",
    caughtBy: ["rule"],
    edits: [
      {
        file: caller,
        from: "    const content = this.#seal.open(frame.head, request.tag, frame);\n",
        to: "    const { content } = frame;\n",
      },
    ],
  },
  {
    id: "59b",
    name: "reply-not-bound",
    mistake: "the seal of a reply does not depend on its request",
    why: "A reply to an earlier process is repeated as the reply to the call with the same number.",
    caughtBy: ["rule"],
    edits: [
      {
        file: caller,
        from: "    const content = this.#seal.open(frame.head, request.tag, frame);\n",
        to: "    const content = this.#seal.open(frame.head, nothing, frame);\n",
      },
      {
        file: receiver,
        from: "    const sealed = this.#seal.seal(head, request.tag, content);\n",
        to: "    const sealed = this.#seal.seal(head, nothing, content);\n",
      },
    ],
  },
  {
    id: "60",
    name: "replay-window-not-applied",
    mistake: "a sealed call is taken as often as it comes",
    why: "Repeated requests open sessions until those of clients end.",
    caughtBy: ["rule"],
    edits: [
      {
        file: receiver,
        from: '    if (!window.isNew(frame.sequence)) return refused("replayed");\n',
        to: "",
      },
      { file: receiver, from: "    window.add(frame.sequence);\n", to: "" },
    ],
  },
  {
    id: "61",
    name: "boot-not-compared",
    mistake: "a sealed call to an earlier process is taken",
    why: "A process forgets at its start which calls have come, and takes all of them again.",
    caughtBy: ["rule"],
    edits: [
      {
        file: receiver,
        from: '    if (frame.receiver !== this.#own.number) return refused("otherProcess");\n',
        to: "",
      },
    ],
  },
  {
    id: "62",
    name: "unsealed-taken",
    mistake: "a call without a seal is taken, though peers must seal theirs",
    why: "Everyone who reaches the port of a replica can end the cluster with one message.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "src/rpc/sealed/sealing.ts",
        from: '    if (reason === "unsealed" && this.#options.peerAuth === "accept") {',
        to: '    if (reason === "unsealed") {',
      },
    ],
  },
  {
    id: "63a",
    name: "call-seal-not-checked",
    mistake: "the tag of a call is not compared",
    why: "A seal of any secret counts.",
    caughtBy: ["rule"],
    edits: [
      {
        file: receiver,
        from: "    const content = this.#seal.open(frame.head, nothing, frame);\n",
        to: "    const content = isSealed(frame.head) ? frame.content : undefined;\n",
      },
    ],
  },
  {
    id: "63b",
    name: "hello-seal-not-checked",
    mistake: "the tag of a hello is not compared",
    why: "A process without the secret gets sealed bytes of its choice.",
    caughtBy: ["rule"],
    edits: [
      {
        file: receiver,
        from: '    if (this.#seal.open(frame.head, nothing, frame) === undefined) return refused("forged");\n',
        to: "",
      },
    ],
  },
];
