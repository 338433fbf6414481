import { invariant } from "../invariant-violation.ts";

/**
 * A message up to this size, in bytes, says nothing about the rate of a link and is never made smaller. The first one
 * is not larger.
 */
export const SMALL_MESSAGE_BYTES: number = 16 << 10;

/** The rate that is assumed while nothing is known: 64 KB per second. */
const ASSUMED_BYTES_PER_MS = 64;

/** A measured rate is trusted for messages up to this many times larger than the measured one. */
const BELIEVED_FACTOR = 2;

/** A longer round trip raises the shortest one by the difference divided by this. */
const SHORTEST_RISES_BY = 256;

/** How many times longer than measured a reply may take before its message counts as lost. */
const PATIENCE_FACTOR = 2;

/** How many times longer than the patience a call lasts if the peer sends nothing at all. */
const DEADLINE_FACTOR = 4;

/**
 * Limit of the backoff. On a network that loses half of all messages a longer wait would be worse than a few copies.
 */
const MAX_BACKOFF = 16;

/** Limit of the wait for the reply to a small message, in election timeouts, without the time for its bytes. */
const MAX_SMALL_PATIENCE_TIMEOUTS = 4;

/** Limit of every wait, in election timeouts: enough for 1 MB over 7 KB/s. */
const MAX_PATIENCE_TIMEOUTS = 512;

/** The measurement of one message. */
export interface Seen {
  readonly bytes: number;
  /** Time from the message to its reply, in ms. */
  readonly tookMs: number;
  /** The longest time within it in which the peer sent nothing, in ms. */
  readonly silentMs: number;
}

/**
 * Adapts to the speed of one peer: the limit of a message, and the time to wait for its reply before it is sent again.
 *
 * A wait that is too short is worse than one that is too long. The copy shares the link with the first message, so both
 * take longer, and on a slow link nothing ever arrives. So the wait depends on the size, at the measured or assumed
 * rate of the link. A message that counts as lost doubles the next wait.
 */
export class Pace {
  /** The shortest election timeout, in ms: a peer without contact for so long doubts its leader. */
  readonly #timeoutMs: number;
  /**
   * Size limit of a message, in bytes. Halved after a message that delayed the replies to heartbeats, doubled after one
   * that did not.
   */
  #messageBytes = SMALL_MESSAGE_BYTES;
  /** Recent time from a small message to its reply, including the peer's disk, in ms. Rises at once, falls slowly. */
  #answerMs = 0;
  /**
   * The shortest recent time from a message to its reply, in ms. Falls at once, rises slowly, so that a busy peer is not
   * taken for a distant one. Undefined before the first reply.
   */
  #shortestMs: number | undefined;
  /** The rate measured with messages up to the largest one that arrived. */
  #seenBytesPerMs = ASSUMED_BYTES_PER_MS;
  /** Size of the largest message that was answered at that rate, in bytes. 0 if there is none. */
  #seenBytes = 0;
  /** Doubles with each lost message until a reply comes: the peer may be slower than it ever was. */
  #backoff = 1;

  constructor(timeoutMs: number) {
    invariant(timeoutMs > 0, "a wait has a duration");
    this.#timeoutMs = timeoutMs;
  }

  /** The shortest recent time from a message to its reply, including the peer's disk, in ms. 0 before the first reply. */
  get shortestMs(): number {
    return this.#shortestMs ?? 0;
  }

  /** The usual time from a message to its reply, including the peer's disk, in ms. 0 before the first reply. */
  get usualMs(): number {
    return Math.max(this.#answerMs, this.shortestMs);
  }

  /** Returns how many bytes of entries or of a snapshot a message may carry, at most `maxBytes`. */
  messageBytes(maxBytes: number): number {
    return Math.min(maxBytes, this.#messageBytes);
  }

  /**
   * The patience: how long `bytes` may stay without a reply, in ms, before they count as lost, if the peer is in
   * contact. At least half an election timeout.
   *
   * @param leastMs lower bound, for what takes a peer long by its nature
   */
  patienceMs(bytes: number, leastMs = 0): number {
    const believed = Math.min(bytes, BELIEVED_FACTOR * this.#seenBytes);
    // A short burst says little about a long message.
    const assumedBytesPerMs = Math.min(ASSUMED_BYTES_PER_MS, this.#seenBytesPerMs);
    const transferMs =
      (PATIENCE_FACTOR * believed) / this.#seenBytesPerMs + (bytes - believed) / assumedBytesPerMs;
    const answerMs = Math.max(this.#timeoutMs / 2, PATIENCE_FACTOR * this.#answerMs);
    if (bytes <= SMALL_MESSAGE_BYTES) {
      // A copy costs less than a long wait on a network that may have lost the first one.
      const boundedMs = Math.min(this.#backoff * answerMs, MAX_SMALL_PATIENCE_TIMEOUTS * this.#timeoutMs);
      return Math.max(leastMs, boundedMs) + Math.min(this.#backoff, 2) * transferMs;
    }
    const wantedMs = Math.max(leastMs, this.#backoff * answerMs) + this.#backoff * transferMs;
    return Math.min(wantedMs, MAX_PATIENCE_TIMEOUTS * this.#timeoutMs);
  }

  /**
   * The deadline of a call that carries `bytes`, in ms after its start. It is later than the patience, and `leastMs`
   * times a power of 2, so that calls share timers.
   */
  deadlineMs(bytes: number, leastMs: number): number {
    const wantedMs = DEADLINE_FACTOR * this.patienceMs(bytes);
    let deadlineMs = leastMs;
    while (deadlineMs < wantedMs) deadlineMs *= 2;
    return deadlineMs;
  }

  answered({ bytes, tookMs, silentMs }: Seen): void {
    invariant(bytes >= 0 && tookMs >= 0 && silentMs >= 0, "a reply comes after its request");
    const isSmall = bytes <= SMALL_MESSAGE_BYTES;
    this.#backoff = 1;
    const longerByMs = tookMs - (this.#shortestMs ?? tookMs);
    this.#shortestMs = longerByMs <= 0 ? tookMs : tookMs - longerByMs + longerByMs / SHORTEST_RISES_BY;
    if (tookMs < this.#answerMs) this.#answerMs += (tookMs - this.#answerMs) / 8;
    else if (isSmall) this.#answerMs = tookMs;
    if (!isSmall) this.#rateSeen(bytes, bytes / Math.max(1, tookMs));
    invariant(this.#shortestMs <= tookMs, "no round trip is shorter than the shortest one");
    if (silentMs > this.#timeoutMs / 2) this.#shrink(bytes);
    else if (silentMs <= this.#timeoutMs / 4 && bytes >= this.#messageBytes / 2) this.#messageBytes *= 2;
  }

  /**
   * A message had no reply within the patience.
   *
   * @param inContact whether the peer sent something else meanwhile. If not, it may be down, and the message says
   *   nothing about its speed
   */
  overdue(bytes: number, inContact: boolean): void {
    this.#shrink(bytes);
    if (inContact) this.#backoff = Math.min(2 * this.#backoff, MAX_BACKOFF);
  }

  #rateSeen(bytes: number, bytesPerMs: number): void {
    // A message much smaller than the largest one may have passed in a burst.
    if (BELIEVED_FACTOR * bytes >= this.#seenBytes) this.#seenBytesPerMs = bytesPerMs;
    else this.#seenBytesPerMs = Math.min(this.#seenBytesPerMs, (this.#seenBytesPerMs + bytesPerMs) / 2);
    this.#seenBytes = Math.max(this.#seenBytes, bytes);
  }

  #shrink(bytes: number): void {
    if (bytes <= SMALL_MESSAGE_BYTES) return;
    const halved = Math.floor(Math.min(this.#messageBytes, bytes) / 2);
    this.#messageBytes = Math.max(SMALL_MESSAGE_BYTES, halved);
    invariant(
      this.#messageBytes <= Math.max(SMALL_MESSAGE_BYTES, bytes),
      "a late message makes the next one smaller",
    );
  }
}
