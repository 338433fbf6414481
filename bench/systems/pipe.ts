import type { Socket } from "node:net";

/** One direction of a link. The data of all its connections shares its bandwidth. */
export class Pipe {
  #isCut = false;
  #delayMs = 0;
  #bytesPerSecond: number | undefined;
  /** When the link is free again, on the monotonic clock. */
  #freeAt = 0;
  readonly #waiting: (() => void)[] = [];

  set(state: {
    readonly isCut: boolean;
    readonly delayMs: number;
    readonly bytesPerSecond: number | undefined;
  }): void {
    this.#delayMs = state.delayMs;
    this.#bytesPerSecond = state.bytesPerSecond;
    if (!state.isCut) this.#freeAt = Math.min(this.#freeAt, performance.now());
    this.#isCut = state.isCut;
    if (!state.isCut) for (const go of this.#waiting.splice(0)) go();
  }

  /** Forwards data from one socket to another, in order and with back pressure. */
  pass(from: Socket, to: Socket): void {
    from.setNoDelay(true);
    let last: Promise<void> = Promise.resolve();
    let queuedBytes = 0;
    const inOrder = (bytes: number, act: () => void) => {
      const due = this.#dueAt(bytes);
      last = last.then(() => this.#until(due)).then(act);
    };
    from.on("data", (chunk: Buffer) => {
      queuedBytes += chunk.length;
      if (queuedBytes > 2 ** 18) from.pause();
      inOrder(chunk.length, () => {
        queuedBytes -= chunk.length;
        if (queuedBytes <= 2 ** 18) from.resume();
        if (!to.destroyed) to.write(chunk);
      });
    });
    from.on("end", () => inOrder(0, () => to.end()));
    from.on("error", () => {});
    from.on("close", (hadError) => {
      if (hadError) inOrder(0, () => to.destroy());
    });
  }

  #dueAt(bytes: number): number {
    const now = performance.now();
    if (this.#bytesPerSecond === undefined) return now + this.#delayMs;
    this.#freeAt = Math.max(this.#freeAt, now) + (bytes / this.#bytesPerSecond) * 1000;
    return this.#freeAt + this.#delayMs;
  }

  async #until(due: number): Promise<void> {
    const left = due - performance.now();
    if (left > 0.5) await new Promise((resolve) => setTimeout(resolve, left));
    while (this.#isCut) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
