import type { Clock, Logger } from "../../ports/index.ts";
import { problem } from "../problems.ts";
import { type BodyLimits, bodyLimits, smallBodyBytes } from "./body-limits.ts";
import { BodyBudget } from "./budget.ts";
import { type BodyEnd, IncomingBody } from "./incoming-body.ts";
import { Parts } from "./parts.ts";

/** Interval in ms at which incoming bodies are checked. */
const sweepMs = 500;
const closing = { connection: "close" } as const;

/** Receives a body, or the response that says why there is none. */
export type Received = (body: Uint8Array<ArrayBuffer> | Response) => void;

export interface BodiesOptions {
  readonly clock: Clock;
  /** Logs interrupted bodies at debug, because their cause is the sender. */
  readonly logger: Logger;
  /** Overrides the default limits. */
  readonly limits?: Partial<BodyLimits>;
}

/** Reads request bodies within budgets of memory and time, so that clients that send slowly do not affect others. */
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

  /** Memory reserved for incoming bodies, in bytes. */
  get reservedBytes(): number {
    return this.#budget.reservedBytes;
  }

  /** Reads a body of at most `maxBytes`, or returns the response that says why not. */
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
    if (isSmall) return new Promise((resolve) => this.#whole(request, body, resolve));
    try {
      return await this.#inParts(request, body, announced, maxBytes);
    } catch (error) {
      return this.#interrupted(error);
    } finally {
      this.#budget.release(body, this.#clock.now());
    }
  }

  /**
   * Like {@link read}, with a callback, for a small body whose length is declared and for which there is memory now.
   *
   * @param received called once with the body, or with the response that says why there is none
   * @returns whether it began. If not, nothing was read
   */
  receive(request: Request, received: Received): boolean {
    const announced = announcedBytes(request.headers);
    if (announced === undefined || announced > smallBodyBytes || this.#isStopping) return false;
    const body = new IncomingBody(announced, true, this.#clock.now());
    if (!this.#budget.admitNow(body)) return false;
    this.#sweep();
    this.#whole(request, body, received);
    return true;
  }

  /** Ends all incoming bodies and refuses later ones, because the replica is about to stop. */
  stop(): void {
    this.#isStopping = true;
    this.#budget.refuseWaiting();
    for (const body of this.#budget.inFlight()) body.end("draining");
  }

  /** Reads a body in one piece. */
  #whole(request: Request, body: IncomingBody, received: Received): void {
    const over = (result: Uint8Array<ArrayBuffer> | Response) => {
      if (this.#budget.release(body, this.#clock.now())) received(result);
    };
    body.whenEnded((why) => over(given(why)));
    request.arrayBuffer().then(
      (bytes) => over(new Uint8Array(bytes)),
      (error) => over(this.#interrupted(error)),
    );
  }

  #interrupted(error: unknown): Response {
    this.#logger.debug("a request body was interrupted: {reason}", { reason: String(error) });
    return brokenOff();
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

  /** Bun ends a body with its last chunk, and detects malformed bytes after it only later. */
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
      for (const body of this.#budget.inFlight()) if (body.isTooSlow(now, this.#limits)) body.end("slow");
      this.#budget.settle(now);
      if (!this.#budget.isIdle) this.#sweep();
    });
  }
}

/** Returns the declared length of a request's body in bytes, or undefined if none is declared reliably. */
function announcedBytes(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  if (length === null || !/^\d{1,15}$/.test(length) || headers.has("transfer-encoding")) return undefined;
  return Number(length);
}

function tooLarge(maxBytes: number): Response {
  return problem("tooLarge", `body: at most ${maxBytes} bytes`, closing);
}

function brokenOff(): Response {
  return problem("malformed", "body: interrupted", closing);
}

function given(why: BodyEnd): Response {
  switch (why) {
    case "slow":
      return problem("slowBody", "body: arrived too slowly or incompletely", closing);
    case "overtaken":
      return problem("overloaded", "too many request bodies are being received", closing);
    case "draining":
      return problem("draining", "this replica is about to stop; ask another one", closing);
  }
}
