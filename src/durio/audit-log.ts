import type { Clock, Logger } from "../ports/index.ts";

/** A message or request that was refused. */
export interface Refusal {
  /** What was refused: one of a few fixed texts, in the plural. */
  readonly what: string;
  /** Why: one of a few fixed texts. */
  readonly reason: string;
  /** The address that it came from; undefined if that is not known. */
  readonly address: string | undefined;
}

/** Interval in ms at which repeated refusals are logged, as a count. */
const SUMMARY_MS = 10_000;
/** Kinds of refusals that are counted at a time, each with its address. More addresses share one count. */
const MAX_COUNTED = 1024;
const manyAddresses = "many other addresses";

interface Counted extends Refusal {
  /** Refusals since the last line. */
  count: number;
}

export interface AuditLogOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Logs what was refused. The first refusal of each kind and address is logged at once, further ones as a count every 10 s. So
 * neither the log nor the memory grows as fast as an attacker can send.
 */
export class AuditLog implements Disposable {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #counted = new Map<string, Counted>();
  /** Undefined while nothing is counted. */
  #cancel: (() => void) | undefined;

  constructor({ clock, logger }: AuditLogOptions) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Counts a refusal, and logs it if it is the first of its kind. */
  refused(refusal: Refusal): void {
    const key = keyOf(refusal);
    const known = this.#counted.get(key);
    if (known !== undefined) {
      known.count++;
    } else if (this.#counted.size < MAX_COUNTED || refusal.address === manyAddresses) {
      this.#counted.set(key, { ...refusal, count: 0 });
      this.#log(refusal, 1);
    } else {
      this.refused({ ...refusal, address: manyAddresses });
    }
    this.#cancel ??= this.#clock.setTimer(SUMMARY_MS, () => this.#summarise());
  }

  [Symbol.dispose](): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#counted.clear();
  }

  /** Logs the counts. A kind without refusals since the last time is forgotten, so its next one is logged at once. */
  #summarise(): void {
    for (const [key, counted] of this.#counted) {
      if (counted.count === 0) this.#counted.delete(key);
      else this.#log(counted, counted.count);
      counted.count = 0;
    }
    this.#cancel =
      this.#counted.size === 0 ? undefined : this.#clock.setTimer(SUMMARY_MS, () => this.#summarise());
  }

  #log({ what, reason, address = "an unknown address" }: Refusal, count: number): void {
    this.#logger.warn("refused {what} from {address} ({count}): {reason}", {
      ...{ event: "audit.refused", what, address, count, reason },
    });
  }
}

function keyOf({ what, reason, address }: Refusal): string {
  return JSON.stringify([what, reason, address]);
}
