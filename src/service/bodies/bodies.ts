import type { Clock, Logger } from "../../ports/index.ts";
import { problem } from "../problems.ts";
import { type BodyLimits, bodyLimits, smallBodyBytes } from "./body-limits.ts";
import { BodyBudget } from "./budget.ts";
import { type BodyEnd, IncomingBody } from "./incoming-body.ts";
import { Parts } from "./parts.ts";

/** Interval in ms in which bodies under way are looked at. */
const sweepMs = 500;
const closing = { connection: "close" } as const;

export interface BodiesOptions {
  readonly clock: Clock;
  /** Learns of bodies that broke off, at debug: that is their senders' business. */
  readonly logger: Logger;
  /** Whatever differs from the defaults. */
  readonly limits?: Partial<BodyLimits>;
}

/**
 * Reads the bodies of requests within a budget of memory and of time, so that clients that send slowly or never end cost
 * others nothing.
 */
export class Bodies {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #limits: BodyLimits;
  readonly #budget: BodyBudget;
  #isSweeping = false;
  #isStopping = false;

  constructor({ clock, logger, limits = {} }: BodiesOptions) {
    this.#clock = clock;
    this.#logger = logger;
    this.#limits = { ...bodyLimits, ...limits };
    this.#budget = new BodyBudget(this.#limits);
  }

  /** Memory in bytes that the bodies under way have been given. */
  get reservedBytes(): number {
    return this.#budget.reservedBytes;
  }

  /** Reads a body of at most `maxBytes`, or answers why not. */
  async read(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | Response> {
    const announced = announcedBytes(request.headers);
    if (announced !== undefined && announced > maxBytes) return tooLarge(maxBytes);
    const isSmall = announced !== undefined && announced <= smallBodyBytes;
    const now = this.#clock.now();
    const body = new IncomingBody(announced ?? Math.min(maxBytes, smallBodyBytes), isSmall, now);
    if (this.#isStopping) return given("draining");
    const admitted = this.#budget.admit(body, now);
    this.#sweep();
    if (admitted !== true && !(await admitted)) return given(this.#isStopping ? "draining" : "overtaken");
    try {
      if (!isSmall) return await this.#inParts(request, body, announced, maxBytes);
      const bytes = await body.unlessEnded(request.arrayBuffer());
      return typeof bytes === "string" ? given(bytes) : new Uint8Array(bytes);
    } catch (error) {
      this.#logger.debug("the body of a request broke off: {reason}", { reason: String(error) });
      return brokenOff();
    } finally {
      this.#budget.release(body, this.#clock.now());
    }
  }

  /** Ends all bodies that are under way, and refuses later ones: the replica is about to stop. */
  stop(): void {
    this.#isStopping = true;
    this.#budget.refuseWaiting();
    for (const body of this.#budget.underWay()) body.end("draining");
  }

  async #inParts(
    request: Request,
    body: IncomingBody,
    announced: number | undefined,
    maxBytes: number,
  ): Promise<Uint8Array<ArrayBuffer> | Response> {
    if (request.body === null) return new Uint8Array(0);
    const reader = request.body.getReader();
    const parts = new Parts(announced);
    const refuse = (response: Response): Response => {
      reader.cancel().catch(() => {});
      return response;
    };
    for (;;) {
      const part = await body.unlessEnded(reader.read());
      if (typeof part === "string") return refuse(given(part));
      if (part.done) break;
      parts.add(part.value);
      body.received(part.value.length, this.#clock.now());
      if (parts.length > maxBytes) return refuse(tooLarge(maxBytes));
      const missing = parts.length - body.reservedBytes;
      if (missing > 0 && !this.#budget.grow(body, missing)) return refuse(given("overtaken"));
    }
    if (announced === undefined && (await this.#isMalformed(request))) return brokenOff();
    return parts.joined();
  }

  /** Bun ends a body with its last chunk, and finds fault with what stands behind it only afterwards. */
  async #isMalformed({ signal }: Request): Promise<boolean> {
    await new Promise<void>((resolve) => this.#clock.defer(resolve));
    return signal.aborted;
  }

  #sweep(): void {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    this.#clock.setTimer(sweepMs, () => {
      this.#isSweeping = false;
      const now = this.#clock.now();
      for (const body of this.#budget.underWay()) if (body.isTooSlow(now, this.#limits)) body.end("slow");
      this.#budget.settle(now);
      if (!this.#budget.isIdle) this.#sweep();
    });
  }
}

/** What a request says of the length of its body; undefined if it says nothing that can be relied on. */
function announcedBytes(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  if (length === null || !/^\d{1,15}$/.test(length) || headers.has("transfer-encoding")) return undefined;
  return Number(length);
}

function tooLarge(maxBytes: number): Response {
  return problem("tooLarge", `body: at most ${maxBytes} bytes`, closing);
}

function brokenOff(): Response {
  return problem("malformed", "body: broke off", closing);
}

function given(why: BodyEnd): Response {
  switch (why) {
    case "slow":
      return problem("slowBody", "body: came too slowly, or not to its end", closing);
    case "overtaken":
      return problem("overloaded", "too many bodies of requests are under way here", closing);
    case "draining":
      return problem("draining", "this replica is about to stop; ask another one", closing);
  }
}
