import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { atEnd, spawnChild } from "./children.ts";
import { freePort } from "./ports.ts";

/** Replicas as processes of this machine, with their data in a directory that goes with them. */
export abstract class ProcessCluster implements AsyncDisposable {
  readonly ids: readonly string[];
  protected readonly directory: string;
  readonly #urls: ReadonlyMap<string, URL>;
  readonly #around: readonly string[];
  readonly #processes: Map<string, Subprocess> = new Map();

  protected constructor({ urls, directory }: Place, { around = [] }: ClusterOptions = {}) {
    this.ids = [...urls.keys()];
    this.directory = directory;
    this.#urls = urls;
    this.#around = around;
  }

  /** What runs one replica. */
  protected abstract command(id: string): readonly string[];

  protected abstract leads(id: string): Promise<boolean>;

  /** Where a replica answers 200 once it is of use. */
  protected abstract readonly readyPath: string;

  get urls(): readonly URL[] {
    return [...this.#urls.values()];
  }

  url(id: string): URL {
    const url = this.#urls.get(id);
    if (url === undefined) throw new RangeError(`id: one of ${this.ids.join(", ")}, not ${id}`);
    return url;
  }

  pid(id: string): number {
    const process = this.#processes.get(id);
    if (process === undefined) throw new RangeError(`id: one that was started, not ${id}`);
    return process.pid;
  }

  start(id: string): void {
    this.#processes.set(id, spawnChild([...this.#around, ...this.command(id)]));
  }

  /** Starts all, and waits for a leader. */
  async startAll(): Promise<void> {
    for (const id of this.ids) this.start(id);
    try {
      await this.leader();
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  async kill(id: string): Promise<void> {
    const process = this.#processes.get(id);
    process?.kill("SIGKILL");
    await process?.exited;
  }

  /** Asks a replica to stop in order. */
  terminate(id: string): void {
    this.#processes.get(id)?.kill("SIGTERM");
  }

  async ended(id: string): Promise<void> {
    await this.#processes.get(id)?.exited;
  }

  /** Stops a replica where it is: its connections stay open, and nothing answers. */
  suspend(id: string): void {
    this.#processes.get(id)?.kill("SIGSTOP");
  }

  resume(id: string): void {
    this.#processes.get(id)?.kill("SIGCONT");
  }

  /** Waits until a replica is of use: it has caught up, and knows a leader. */
  async ready(id: string): Promise<void> {
    const url = new URL(this.readyPath, this.url(id));
    while (!(await fetch(url).catch(() => undefined))?.ok) {
      this.#assertRunning();
      await Bun.sleep(5);
    }
  }

  /** The replica that leads, once there is one. */
  async leader(): Promise<string> {
    for (;;) {
      for (const id of this.ids) if (await this.leads(id)) return id;
      this.#assertRunning();
      await Bun.sleep(5);
    }
  }

  /** The first that does not lead. */
  async follower(): Promise<string> {
    const leader = await this.leader();
    return this.ids.find((id) => id !== leader) ?? leader;
  }

  /** A replica that ended by itself would be waited for in vain. */
  #assertRunning(): void {
    for (const [id, { exitCode }] of this.#processes) {
      if (exitCode !== null) throw new Error(`${id} ended with exit code ${exitCode}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes.values()) process.kill("SIGKILL");
    await Promise.all([...this.#processes.values()].map((process) => process.exited));
    await rm(this.directory, { recursive: true, force: true });
  }
}

export interface ClusterOptions {
  /** Further flags of the program, for every replica. */
  readonly flags?: readonly string[];
  /** What runs the program of each replica, with its flags; it must become that program. */
  readonly around?: readonly string[];
  /** Puts something before the addresses at which replicas hear each other. */
  readonly peersVia?: (peers: ReadonlyMap<string, URL>) => Promise<ReadonlyMap<string, URL>>;
}

/** Where a cluster lives: the addresses that its replicas serve clients at, and the directory of its data. */
export interface Place {
  readonly urls: ReadonlyMap<string, URL>;
  readonly directory: string;
}

/** Finds place for replicas n1, n2 and so on. */
export async function placeFor(size: number, name: string): Promise<Place> {
  const urls = new Map<string, URL>();
  for (let n = 1; n <= size; n++) urls.set(`n${n}`, new URL(`http://127.0.0.1:${await freePort()}`));
  const directory = await mkdtemp(join(tmpdir(), `${name}-bench-`));
  atEnd(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return { urls, directory };
}

/** The answer as JSON, or undefined if none comes within a second. */
export async function askJson<Answer>(url: URL, init: RequestInit = {}): Promise<Answer | undefined> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(1000) });
    return (await response.json()) as Answer;
  } catch {
    return undefined;
  }
}
