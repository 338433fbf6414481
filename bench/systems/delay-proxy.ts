import type { Subprocess } from "bun";
import { spawnChild } from "./children.ts";
import { freePort } from "./ports.ts";

const program = new URL("./delay-proxy-main.ts", import.meta.url).pathname;

/** A proxy process in front of addresses, which delays each message in both directions. */
export class DelayProxy implements AsyncDisposable {
  readonly #delayMs: number;
  #process: Subprocess | undefined;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  /** Starts proxies in front of these addresses and returns their addresses. Called once. */
  async before(urls: ReadonlyMap<string, URL>): Promise<ReadonlyMap<string, URL>> {
    const places = new Map<string, URL>();
    const routes: string[] = [];
    for (const [id, { port }] of urls) {
      const own = await freePort();
      places.set(id, new URL(`http://127.0.0.1:${own}`));
      routes.push(`${own}=${port}`);
    }
    const process = spawnChild(
      [globalThis.process.execPath, program, String(this.#delayMs), ...routes],
      "pipe",
    );
    this.#process = process;
    const { done } = await process.stdout.getReader().read();
    if (done) throw new Error(`the proxy ended with ${await process.exited}`);
    return places;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.exited;
  }
}
