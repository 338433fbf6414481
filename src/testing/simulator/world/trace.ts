/** The kinds of events. A trace is a list of events; two runs were the same if their hashes are equal. */
export const eventKinds = [
  "start",
  "stop",
  "crash",
  "fault",
  "heal",
  "send",
  "lose",
  "deliver",
  "write",
  "sync",
  "disk",
  "timer",
  "turn",
  "step",
  "take",
  "apply",
  "call",
  "return",
] as const;

/** The name of a kind in `eventKinds`. */
export type EventKind = (typeof eventKinds)[number];

/** Up to three numbers that distinguish events of a kind. Part of the hash, a missing one as 0. */
export type EventNumbers = readonly [a?: number, b?: number, c?: number];

/** An event of a run. */
export interface TraceEvent {
  /** Virtual time since the start of the run, in microseconds. */
  readonly atUs: number;
  /** What happened. */
  readonly kind: EventKind;
  /** The number of the machine on which it happened; clients follow the replicas. */
  readonly machine: number;
  /** Distinguishes it from other events of its kind. */
  readonly numbers: EventNumbers;
  /** More information for readers. Not part of the hash. */
  readonly detail: unknown;
}

const codes = new Map<EventKind, number>(eventKinds.map((kind, code) => [kind, code]));

/** Counts and hashes events, and passes them to a listener. */
export class Trace {
  events = 0;
  /** The names of the situations that occurred. */
  readonly marks: Set<string> = new Set();
  #low = 0x811c9dc5;
  #high = 0x1b873593;
  readonly #nowUs: () => number;
  readonly #listener: ((event: TraceEvent) => void) | undefined;

  constructor(nowUs: () => number, listener?: (event: TraceEvent) => void) {
    this.#nowUs = nowUs;
    this.#listener = listener;
  }

  record(kind: EventKind, machine: number, numbers: EventNumbers = [], detail?: unknown): void {
    const [a = 0, b = 0, c = 0] = numbers;
    const atUs = this.#nowUs();
    this.events++;
    this.#mix(((codes.get(kind) ?? 0) << 8) | machine);
    this.#mix(atUs);
    this.#mix(a);
    this.#mix(b);
    this.#mix(c);
    this.#listener?.({ atUs, kind, machine, numbers, detail });
  }

  /** 16 hexadecimal digits over all events so far. */
  get hash(): string {
    return hex(this.#high) + hex(this.#low);
  }

  #mix(value: number): void {
    this.#low = Math.imul(this.#low ^ value, 0x01000193) ^ (this.#low >>> 15);
    this.#high = Math.imul(this.#high ^ value ^ (this.#low >>> 3), 0x85ebca6b) ^ (this.#high >>> 13);
  }
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}
