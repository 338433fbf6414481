import type { Mutant } from "./mutant.ts";

/** The store as a state machine: the same everywhere, and whole in its snapshots. */
export const stateMachine: readonly Mutant[] = [
  {
    id: "23",
    name: "snapshot-without-sessions",
    mistake: "a snapshot without the session table",
    why: "A replica that starts from it doesn't know which writes took effect, and its state diverges.",
    caughtBy: ["P10"],
    edits: [
      {
        file: "src/kv/store.ts",
        from: "encodeSnapshot({ values: this.#values.clone(), ...this.#sessions.capture(), registry })",
        to: "encodeSnapshot({ values: this.#values.clone(), ...this.#sessions.capture(), sessions: [], registry })",
      },
    ],
  },
  {
    id: "24a",
    name: "snapshot-of-live-values",
    mistake: "a snapshot serialises the live map of values across waits",
    why: "It contains writes after its index, which are then applied a second time.",
    caughtBy: ["P10", "P8"],
    edits: [
      {
        file: "src/kv/store.ts",
        from: "encodeSnapshot({ values: this.#values.clone(),",
        to: "encodeSnapshot({ values: this.#values,",
      },
    ],
  },
  {
    id: "24b",
    name: "snapshot-of-live-sessions",
    mistake: "a snapshot serialises live sessions across waits",
    why: "It remembers writes that its values lack: clients that repeat them get success.",
    caughtBy: ["P10", "bug", "P8"],
    edits: [
      {
        file: "src/kv/sessions.ts",
        from: "    this.#generation++;\n    return { clockMs",
        to: "    return { clockMs",
      },
    ],
  },
  {
    id: "24c",
    name: "append-in-place-under-a-clone",
    mistake: "an append to a large value changes the record that a snapshot shares",
    why: "The snapshot contains writes after its index, which are then applied a second time.",
    caughtBy: ["P10", "P8", "bug"],
    edits: [
      {
        file: "src/kv/large-page.ts",
        from: "    return new LargePage(this.#key, tail.revision, buffer, this.#length + tail.value.length);",
        to: "    this.#revision = tail.revision;\n    this.#buffer = buffer;\n    this.#length += tail.value.length;\n    return this;",
      },
      // The simulator's values are small: a page for each lets any of them be appended to in place.
      {
        file: "src/kv/value-map.ts",
        from: "const MAX_PAGE_BYTES = 16 * 1024;",
        to: "const MAX_PAGE_BYTES = 16;",
      },
    ],
  },
  {
    id: "31",
    name: "retry-applied-twice",
    mistake: "a write that was sent twice is made twice",
    why: "An append takes effect twice, or a put restores an overwritten value.",
    caughtBy: ["P8", "bug"],
    edits: [
      {
        file: "src/kv/sessions.ts",
        from: "    if (remembered !== undefined) {\n      return remembered;\n    }\n",
        to: "",
      },
    ],
  },
  {
    id: "38",
    name: "local-clock-in-apply",
    mistake: "sessions expire by the local clock inside apply",
    why: "A session exists on one replica and has expired on another, so a write takes effect on only one of them.",
    caughtBy: ["P10"],
    // The store has no clock. One handed in, and not the process's own, keeps the seed reproducible.
    edits: [
      {
        file: "src/replica/applying.ts",
        from: "stateMachine.apply(entry.data, entry)",
        to: "stateMachine.apply(entry.data, { ...entry, localMs: Math.floor(this.#options.clock.now()) })",
      },
      {
        file: "src/kvraft/audited-store.ts",
        from: "  apply(command: Uint8Array, { index }: LogPosition): KvResult {\n    const result = this.#store.apply(command, { index });",
        to: "  apply(command: Uint8Array, position: LogPosition): KvResult {\n    const { index } = position;\n    const result = this.#store.apply(command, position);",
      },
      {
        file: "src/kv/store.ts",
        from: "this.#sessions.advance(command.timeMs);",
        to: "this.#sessions.advance(position.localMs);",
      },
    ],
  },
];
