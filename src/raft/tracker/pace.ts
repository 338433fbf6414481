import { invariant } from "../invariant-violation.ts";

/** A message of at most this size says nothing of a link's rate, and is never made smaller. The first is no larger. */
const SMALL_MESSAGE_BYTES = 16 << 10;

/** What a link is taken to carry before anything is known of it: 64 KB a second. */
const ASSUMED_BYTES_PER_MS = 64;

/** How far a rate that was seen is believed: of a message this many times as large. */
const BELIEVED_FACTOR = 2;

/** How many times longer than seen a peer may take, before what it was sent is taken for lost. */
const PATIENCE_FACTOR = 2;

/** How many times longer than the patience a call lasts, if the peer answers nothing at all. */
const DEADLINE_FACTOR = 4;

/** On a network that loses half of all messages a longer wait would be worse than a few copies. */
const MAX_BACKOFF = 16;

/** The same for a small message, in election timeouts, beside what its bytes take. */
const MAX_SMALL_PATIENCE_TIMEOUTS = 4;

/** No wait is longer, in election timeouts: 1 MB over 7 KB/s. */
const MAX_PATIENCE_TIMEOUTS = 512;

/** What was seen of one message. */
export interface Seen {
  readonly bytes: number;
  /** From when it was sent, in ms. */
  readonly tookMs: number;
  /** The longest time meanwhile, up to now, in which the peer answered nothing, in ms. */
  readonly silentMs: number;
}

/**
 * How fast one peer takes what its leader sends: how large a message to it may be, and how long to wait for an
 * answer before the message is sent again.
 *
 * A wait that is too short is worse than one that is too long: the copy shares the link with the first message, both
 * take longer, and on a slow link nothing ever arrives. So the wait follows the bytes, at a rate that the link is
 * known to carry or assumed to; a message that was given up doubles the next wait.
 */
export class Pace {
  /** The shortest election timeout, in ms: what a peer may be silent for before it doubts its leader. */
  readonly #timeoutMs: number;
  /** The largest message; it is halved when one keeps the peer from being heard, and doubled when one does not. */
  #messageBytes = SMALL_MESSAGE_BYTES;
  /** What the peer lately took to answer a small message, its disk included, in ms. Rises at once, falls slowly. */
  #answerMs = 0;
  /** The rate of messages up to the largest one that was seen to arrive. */
  #seenBytesPerMs = ASSUMED_BYTES_PER_MS;
  /** The largest message that was answered at the rate seen; 0 if there is none. */
  #seenBytes = 0;
  /** Doubles with each message that was given up, until one is answered: the peer may be slower than it ever was. */
  #backoff = 1;

  constructor(timeoutMs: number) {
    invariant(timeoutMs > 0, "a wait has a length");
    this.#timeoutMs = timeoutMs;
  }

  /** How many bytes of entries or of a snapshot a message may carry, out of `maxBytes`. */
  messageBytes(maxBytes: number): number {
    return Math.min(maxBytes, this.#messageBytes);
  }

  /**
   * How long a peer that is heard may leave `bytes` unanswered before they are taken for lost, in ms: half an election
   * timeout at least.
   *
   * @param leastMs the least wait, if that is longer, for what takes a peer long by its nature
   */
  patienceMs(bytes: number, leastMs = 0): number {
    const believed = Math.min(bytes, BELIEVED_FACTOR * this.#seenBytes);
    // A short burst tells little of a long message.
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
   * When a call that carries `bytes` ends unanswered, in ms after its start: later than the patience with a peer that
   * is heard. It is `leastMs` or twice that and so on, so that calls share their timers.
   */
  deadlineMs(bytes: number, leastMs: number): number {
    const wantedMs = DEADLINE_FACTOR * this.patienceMs(bytes);
    let deadlineMs = leastMs;
    while (deadlineMs < wantedMs) deadlineMs *= 2;
    return deadlineMs;
  }

  answered({ bytes, tookMs, silentMs }: Seen): void {
    invariant(bytes >= 0 && tookMs >= 0 && silentMs >= 0, "an answer comes after its question");
    const isSmall = bytes <= SMALL_MESSAGE_BYTES;
    this.#backoff = 1;
    if (tookMs < this.#answerMs) this.#answerMs += (tookMs - this.#answerMs) / 8;
    else if (isSmall) this.#answerMs = tookMs;
    if (!isSmall) this.#rateSeen(bytes, bytes / Math.max(1, tookMs));
    if (silentMs > this.#timeoutMs / 2) this.#shrink(bytes);
    else if (silentMs <= this.#timeoutMs / 4 && bytes >= this.#messageBytes / 2) this.#messageBytes *= 2;
  }

  /**
   * A message was not answered in its time.
   *
   * @param heard whether the peer answered something else meanwhile; if not, it may be down, and nothing is learnt of
   *   how fast it is
   */
  overdue(bytes: number, heard: boolean): void {
    this.#shrink(bytes);
    if (heard) this.#backoff = Math.min(2 * this.#backoff, MAX_BACKOFF);
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
