import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { HttpConnection } from "../clients/http-connection.ts";
import type { Connectivity } from "../connectivity.ts";
import type { Disk } from "../disk/disk.ts";
import type { ReplicaId } from "../matrix.ts";
import { type Address, type Endpoint, type Network, urlOf } from "../network/index.ts";
import { type Child, type Exit, startChild } from "../processes.ts";
import { faketimeLibrary, type RuntimeName } from "../tools.ts";

const PROBE_MS = 100;
const LAST_LINES = 6;

export interface ReplicaOptions {
  readonly id: ReplicaId;
  readonly ids: readonly ReplicaId[];
  readonly runtime: RuntimeName;
  /** The project to run: this one, or a copy with a planted bug. */
  readonly project: string;
  /** Additional flags of `durio serve`. */
  readonly flags: readonly string[];
  readonly disk: Disk;
  readonly network: Network;
  readonly connectivity: Connectivity;
  /** A directory for its log. */
  readonly directory: string;
  readonly hasFaketime: boolean;
  readonly now: () => number;
  /** Called if it ended without being asked to. */
  readonly onExit: (exit: UnaskedExit) => void;
}

export interface UnaskedExit {
  readonly id: ReplicaId;
  readonly at: number;
  readonly exit: Exit;
  readonly lastLines: string;
  /** The fault that explains the exit, if any. */
  readonly excuse: string | undefined;
}

/** A replica of durio as a process, over all its runs. */
export class ChaosReplica {
  readonly id: ReplicaId;
  readonly disk: Disk;
  readonly dataDirectory: string;
  /** A reason for which it may end or refuse to start. */
  excuse: string | undefined;
  /** Whether it is no longer restarted or counted. */
  isLeftAlone = false;
  /** When it was last not serving, or started to serve. */
  disturbedAt = 0;
  readonly #options: ReplicaOptions;
  readonly #logFile: string;
  readonly #clockFile: string;
  #child: Child | undefined;
  #isPaused = false;
  #isServing = false;
  #isEnded = false;

  constructor(options: ReplicaOptions) {
    this.#options = options;
    this.id = options.id;
    this.disk = options.disk;
    this.dataDirectory = join(options.disk.directory, "data");
    this.#logFile = join(options.directory, `${options.id}.log`);
    this.#clockFile = join(options.directory, `${options.id}.clock`);
    writeFileSync(this.#clockFile, "+0");
  }

  get address(): Address {
    return this.#options.network.clientAddress(this.id);
  }

  get pid(): number {
    return this.#child?.pid ?? Number.NaN;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exit === undefined;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Whether it answers requests, as far as is known. */
  get isServing(): boolean {
    return this.#isServing && !this.#isPaused;
  }

  get log(): string {
    return readFileSync(this.#logFile, "utf8");
  }

  /** Starts it. It serves some time later, or ends. */
  start(): void {
    if (this.isRunning) return;
    const { network, directory, now } = this.#options;
    appendFileSync(this.#logFile, `--- started at ${(now() / 1000).toFixed(1)} s\n`);
    const command = [...network.around(this.id), ...this.#program(), ...this.#flags()];
    const child = startChild(command, {
      environment: this.#environment(),
      log: this.#logFile,
      cwd: directory,
    });
    this.#child = child;
    this.#isEnded = false;
    this.#disturb();
    void child.exited.then((exit) => this.#ended(child, exit));
    void this.#probe(child);
  }

  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** Shuts it down gracefully. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  pause(): void {
    if (!this.isRunning || this.#isPaused) return;
    this.#child?.signal("SIGSTOP");
    this.#isPaused = true;
    this.#disturb();
    this.#note(false);
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#disturb();
    this.#child?.signal("SIGCONT");
    if (this.isRunning && this.#isServing) this.#note(true);
  }

  /** The disk does not answer: the replica does not count, although it runs. */
  disable(): void {
    this.#note(false);
  }

  enable(): void {
    if (this.isServing) this.#note(true);
  }

  /** Sets its wall clock, as an offset in faketime's syntax such as `+10d`. */
  setClock(offset: string): void {
    writeFileSync(this.#clockFile, offset);
  }

  /** Returns whether it has served continuously since a time. */
  servedSince(at: number): boolean {
    return this.isServing && this.disturbedAt < at;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exit !== undefined) return;
    this.#isEnded = true;
    this.#isServing = false;
    this.#disturb();
    this.#note(false);
    child.signal(signal);
    // A process that waits for its disk can only end once the disk answers.
    if (signal === "SIGKILL" && this.disk.kind === "fuse") await this.disk.release();
    await child.exited;
  }

  /** Kills it so that nothing more becomes durable, then drops what was not synced. */
  async losePower(seed: number): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exit !== undefined) return;
    this.#isEnded = true;
    this.#isServing = false;
    this.#disturb();
    this.#note(false);
    await this.disk.hang();
    child.signal("SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 20));
    await this.disk.losePower(seed);
    await child.exited;
  }

  #ended(child: Child, exit: Exit): void {
    if (child !== this.#child) return;
    const { now, onExit } = this.#options;
    this.#isServing = false;
    this.#isPaused = false;
    this.#disturb();
    this.#note(false);
    if (this.#isEnded) return;
    const lastLines = this.log.trim().split("\n").slice(-LAST_LINES).join("\n");
    onExit({ id: this.id, at: now(), exit, lastLines, excuse: this.excuse });
  }

  /** Asks until it answers. */
  async #probe(child: Child): Promise<void> {
    const exchange = new HttpConnection(this.address, 1000);
    while (child.exit === undefined && child === this.#child) {
      const reply = await exchange.ask({ method: "GET", path: "/healthz" });
      if (
        reply.type === "answer" &&
        reply.status === 200 &&
        child === this.#child &&
        child.exit === undefined
      ) {
        this.#isServing = true;
        this.#disturb();
        if (!this.#isPaused) this.#note(true);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
    }
    exchange.close();
  }

  #disturb(): void {
    this.disturbedAt = this.#options.now();
  }

  #note(isAble: boolean): void {
    this.#options.connectivity.able(this.id, isAble, this.#options.now());
  }

  #program(): readonly string[] {
    const { runtime, project } = this.#options;
    const main = join(project, "src/durio/main.ts");
    switch (runtime) {
      case "bun":
        return [join(project, "node_modules/.bin/bun"), main];
      case "deno":
        return [join(project, "node_modules/.bin/deno"), "run", "--allow-all", main];
      case "node":
        return ["node", join(project, "dist/src/durio/main.js")];
    }
  }

  #flags(): readonly string[] {
    const { id, ids, network, flags } = this.#options;
    const urlTo = (to: Endpoint) => urlOf(to === id ? network.listenAddress(id) : network.address(id, to));
    const peers = ids.map((peer) => `${peer}=${urlTo(peer)}`).join(",");
    const { host, port } = network.listenAddress(id);
    const nats = network.address(id, "nats");
    return [
      ...[
        "serve",
        // The namespaces of a run are a network without anyone else.
        "--insecure",
        "--id",
        id,
        "--peers",
        peers,
        "--listen",
        `${host}:${port}`,
        "--data-dir",
        this.dataDirectory,
      ],
      ...["--nats-url", `nats://${nats.host}:${nats.port}`, "--log-format", "text", ...flags],
    ];
  }

  #environment(): Readonly<Record<string, string>> {
    const library = this.#options.hasFaketime ? faketimeLibrary() : undefined;
    const quiet = { DENO_NO_UPDATE_CHECK: "1", PATH: process.env.PATH ?? "" };
    if (library === undefined) return quiet;
    return {
      ...quiet,
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.#clockFile,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
  }
}
