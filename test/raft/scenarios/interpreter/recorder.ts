/**
 * What a line of the transcript is about. A `detail` is left out where the directive is a shortcut: messages,
 * writes and what a leader knows of its peers. An `event` is what a reader of any transcript wants to know.
 */
export type Weight = "detail" | "event";

/** Whether details are recorded, events alone, or nothing. */
export type Fidelity = "everything" | "events" | "nothing";

interface Line {
  /** Whom it is about, where that is one replica. */
  readonly who: string | undefined;
  readonly text: string;
}

/** Collects the transcript of the directive that is performed. */
export class Recorder {
  #lines: Line[] = [];
  #fidelity: Fidelity = "everything";

  say(weight: Weight, text: string, who?: string): void {
    if (this.#fidelity === "nothing" || (this.#fidelity === "events" && weight === "detail")) return;
    this.#lines.push({ who, text });
  }

  /** Performs something whose transcript is kept short: of events, the same of several replicas is one line. */
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

/** In the order in which each line was first said. */
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
