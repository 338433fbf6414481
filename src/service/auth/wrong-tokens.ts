/** The wrong tokens of one source. */
interface Source {
  /** Wrong tokens since the source is remembered. */
  count: number;
  lastMs: number;
  /** Until then, wrong tokens get 429. */
  pausedUntilMs: number;
  nextPauseMs: number;
}

const allowed = 5;
const forgottenAfterMs = 10_000;
const firstPauseMs = 1000;
const longestPauseMs = 60_000;
const maxSources = 1024;

/**
 * Slows down clients that try tokens: after five wrong tokens, each less than 10 s after the last, further ones must wait.
 * Each pause is twice the last one, up to a minute. The limit is for wrong tokens alone, because clients behind a proxy
 * share an address: one of them with a revoked token must not keep the others out.
 */
export class WrongTokens {
  readonly #now: () => number;
  /** In the order of the last wrong token. */
  readonly #sources = new Map<string, Source>();

  /** @param now the replica's clock, in ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Number of sources that are remembered. Bounded. */
  get size(): number {
    return this.#sources.size;
  }

  /** Counts a wrong token. Returns the time to wait in ms, or undefined if the source has not reached the limit. */
  add(address: string | undefined): number | undefined {
    const nowMs = this.#now();
    const name = sourceOf(address);
    const source = this.#recall(name, nowMs);
    this.#remember(name, source);
    const isPaused = nowMs < source.pausedUntilMs;
    if (isPaused) return source.pausedUntilMs - nowMs;
    source.lastMs = nowMs;
    source.count++;
    if (source.count <= allowed) return undefined;
    source.pausedUntilMs = nowMs + source.nextPauseMs;
    source.nextPauseMs = Math.min(2 * source.nextPauseMs, longestPauseMs);
    return source.pausedUntilMs - nowMs;
  }

  #recall(name: string, nowMs: number): Source {
    const source = this.#sources.get(name);
    const isRecent =
      source !== undefined && nowMs < Math.max(source.lastMs, source.pausedUntilMs) + forgottenAfterMs;
    return isRecent ? source : { count: 0, lastMs: nowMs, pausedUntilMs: 0, nextPauseMs: firstPauseMs };
  }

  #remember(name: string, source: Source): void {
    this.#sources.delete(name);
    this.#sources.set(name, source);
    if (this.#sources.size <= maxSources) return;
    const [oldest] = this.#sources.keys();
    if (oldest !== undefined) this.#sources.delete(oldest);
  }
}

/** Returns the network that a client controls: its IPv4 address, or the first 64 bits of its IPv6 address. */
function sourceOf(address: string | undefined): string {
  if (address === undefined) return "unknown";
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined || !address.includes(":")) return mapped ?? address;
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill("0"), ...right];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
