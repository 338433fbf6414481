import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { atEnd, spawnChild } from "./children.ts";
import { freePort } from "./ports.ts";

/** Replicas as processes on this machine, with a data directory that is removed with them. */
export abstract class ProcessCluster implements AsyncDisposable {
  readonly ids: readonly string[];
  /** Whether a replica works on the main thread of its process, whose speed then limits it. */
  readonly worksOnMainThread: boolean = true;
  protected readonly directory: string;
  readonly #urls: ReadonlyMap<string, URL>;
  readonly #around: readonly string[];
  readonly #processes: Map<string, Subprocess> = new Map();

  protected constructor({ urls, directory }: WorkDir, { around = [] }: ClusterOptions = {}) {
    this.ids = [...urls.keys()];
    this.directory = directory;
    this.#urls = urls;
    this.#around = around;
  }

  /** Returns the command that runs one replica. */
  protected abstract command(id: string): readonly string[];

  protected abstract leads(id: string): Promise<boolean>;

  /** The path that answers 200 once a replica is ready. */
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

  /** Starts all replicas and waits for a leader. */
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

  /** Asks a replica for a graceful shutdown. */
  terminate(id: string): void {
    this.#processes.get(id)?.kill("SIGTERM");
  }

  async ended(id: string): Promise<void> {
    await this.#processes.get(id)?.exited;
  }

  /** Suspends a replica: its connections stay open, and nothing answers. */
  suspend(id: string): void {
    this.#processes.get(id)?.kill("SIGSTOP");
  }

  resume(id: string): void {
    this.#processes.get(id)?.kill("SIGCONT");
  }

  /** Waits until a replica is ready: it has caught up and knows a leader. */
  async ready(id: string): Promise<void> {
    const url = new URL(this.readyPath, this.url(id));
    while (!(await fetch(url).catch(() => undefined))?.ok) {
      this.assertRunning();
      await Bun.sleep(5);
    }
  }

  /** Returns the leader once there is one. */
  async leader(): Promise<string> {
    for (;;) {
      for (const id of this.ids) if (await this.leads(id)) return id;
      this.assertRunning();
      await Bun.sleep(5);
    }
  }

  /** Returns the first replica that does not lead. */
  async follower(): Promise<string> {
    const leader = await this.leader();
    return this.ids.find((id) => id !== leader) ?? leader;
  }

  /** Fails early if a replica has ended, instead of waiting in vain. */
  protected assertRunning(): void {
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
  /** Additional flags for every replica. */
  readonly flags?: readonly string[];
  /** A command prefix for each replica, which must become the program. */
  readonly around?: readonly string[];
  /** Puts something in front of the addresses that replicas use for each other. */
  readonly peersVia?: (peers: ReadonlyMap<string, URL>) => Promise<ReadonlyMap<string, URL>>;
}

/** The addresses under which a cluster serves clients, and its data directory. */
export interface WorkDir {
  readonly urls: ReadonlyMap<string, URL>;
  readonly directory: string;
}

/** Allocates addresses and a directory for replicas n1, n2 and so on. */
export async function workDirFor(size: number, name: string): Promise<WorkDir> {
  const urls = new Map<string, URL>();
  for (let n = 1; n <= size; n++) urls.set(`n${n}`, new URL(`http://127.0.0.1:${await freePort()}`));
  const directory = await mkdtemp(join(tmpdir(), `${name}-bench-`));
  atEnd(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return { urls, directory };
}

/** Returns the answer as JSON, or undefined if none arrives within a second. */
export async function askJson<Answer>(url: URL, init: RequestInit = {}): Promise<Answer | undefined> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(1000) });
    return (await response.json()) as Answer;
  } catch {
    return undefined;
  }
}
