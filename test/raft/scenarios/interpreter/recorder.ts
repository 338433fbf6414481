/**
 * Importance of a line. A shortcut step leaves out each `detail`: messages, writes, and a leader's progress of its peers. It
 * keeps each `event`.
 */
export type Weight = "detail" | "event";

/** The lines to record. */
export type Fidelity = "everything" | "events" | "nothing";

interface Line {
  /** The affected replica, if there is one. */
  readonly who: string | undefined;
  readonly text: string;
}

/** Collects the transcript of a step. */
export class Recorder {
  #lines: Line[] = [];
  #fidelity: Fidelity = "everything";

  add(weight: Weight, text: string, who?: string): void {
    if (this.#fidelity === "nothing" || (this.#fidelity === "events" && weight === "detail")) return;
    this.#lines.push({ who, text });
  }

  /** Calls `run` with a shorter transcript. With `events`, equal lines of several replicas become one. */
  during(fidelity: Fidelity, run: () => void): void {
    const fidelityBefore = this.#fidelity;
    const linesBefore = this.#lines;
    this.#fidelity = fidelity;
    this.#lines = [];
    try {
      run();
    } finally {
      this.#fidelity = fidelityBefore;
      this.#lines = [...linesBefore, ...(fidelity === "events" ? grouped(this.#lines) : this.#lines)];
    }
  }

  take(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines.map(({ who, text }) => (who === undefined ? text : `${who}: ${text}`));
  }
}

/** Joins equal lines, in the order of their first occurrence. */
function grouped(lines: readonly Line[]): Line[] {
  const whoByText = new Map<string, string[]>();
  for (const { who, text } of lines) {
    const all = whoByText.get(text) ?? [];
    if (who !== undefined) all.push(who);
    whoByText.set(text, all);
  }
  return [...whoByText].map(([text, who]) => ({
    who: who.length === 0 ? undefined : [...new Set(who)].sort().join(", "),
    text,
  }));
}
