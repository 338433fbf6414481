import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { spawnChild } from "./children.ts";
import { freePort } from "./ports.ts";

const program = new URL("../../src/durio/main.ts", import.meta.url).pathname;

/** Replicas of durio as processes of this machine, with their data in a directory that goes with them. */
export class Cluster implements AsyncDisposable {
  readonly ids: readonly string[];
  readonly #urls: ReadonlyMap<string, URL>;
  readonly #directory: string;
  readonly #flags: readonly string[];
  readonly #processes: Map<string, Subprocess> = new Map();

  private constructor(urls: ReadonlyMap<string, URL>, directory: string, flags: readonly string[]) {
    this.ids = [...urls.keys()];
    this.#urls = urls;
    this.#directory = directory;
    this.#flags = flags;
  }

  /** @param flags further flags of `durio serve`, for every replica */
  static async start(size: number, flags: readonly string[] = []): Promise<Cluster> {
    const urls = new Map<string, URL>();
    for (let n = 1; n <= size; n++) urls.set(`n${n}`, new URL(`http://127.0.0.1:${await freePort()}`));
    const cluster = new Cluster(urls, await mkdtemp(join(tmpdir(), "durio-bench-")), flags);
    for (const id of cluster.ids) cluster.start(id);
    await cluster.leader();
    return cluster;
  }

  url(id: string): URL {
    const url = this.#urls.get(id);
    if (url === undefined) throw new RangeError(`id: one of ${this.ids.join(", ")}, not ${id}`);
    return url;
  }

  pid(id: string): number | undefined {
    return this.#processes.get(id)?.pid;
  }

  start(id: string): void {
    const peers = [...this.#urls].map(([peer, url]) => `${peer}=${url.origin}`).join(",");
    const own = [
      "--id",
      id,
      "--peers",
      peers,
      "--data-dir",
      join(this.#directory, id),
      "--log-level",
      "error",
    ];
    this.#processes.set(id, spawnChild([process.execPath, program, "serve", ...own, ...this.#flags]));
  }

  async kill(id: string): Promise<void> {
    const process = this.#processes.get(id);
    process?.kill("SIGKILL");
    await process?.exited;
  }

  get urls(): readonly URL[] {
    return [...this.#urls.values()];
  }

  /** The replica that leads, once there is one. */
  async leader(): Promise<string> {
    for (;;) {
      for (const id of this.ids) {
        const status = await this.status(id);
        if (status?.role === "leader" && status.commitIndex > 0) return id;
      }
      await Bun.sleep(5);
    }
  }

  async status(
    id: string,
  ): Promise<{ role: string; term: number; commitIndex: number; lastApplied: number } | undefined> {
    try {
      const response = await fetch(new URL("/status", this.url(id)), { signal: AbortSignal.timeout(1000) });
      return (await response.json()) as {
        role: string;
        term: number;
        commitIndex: number;
        lastApplied: number;
      };
    } catch {
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes.values()) process.kill("SIGTERM");
    await Promise.all([...this.#processes.values()].map((process) => process.exited));
    await rm(this.#directory, { recursive: true, force: true });
  }
}
