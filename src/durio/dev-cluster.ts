import { randomUUID } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Child } from "./child.ts";
import type { DevConfig } from "./config/index.ts";

const pollMs = 50;
/** Timeout in ms before a replica is killed. A replica whose graceful shutdown hangs ends itself earlier. */
const stopTimeoutMs = 4800;
const colours = [36, 33, 35, 32, 34, 31, 96, 93, 95];

/** The replicas of a cluster on this machine, each in a child process. */
export class DevCluster {
  /** The URL of each replica. */
  readonly urls: ReadonlyMap<string, string>;
  readonly #config: DevConfig;
  readonly #natsPrefix = `dev-${randomUUID()}`;
  readonly #children = new Map<string, Child>();
  #phase: "starting" | "running" | "stopping" = "starting";
  #startFailed = false;
  #allGraceful = true;
  #awaitsInput = false;

  constructor(config: DevConfig) {
    this.#config = config;
    const ports = Array.from({ length: config.replicas }, (_, turn) => config.port + turn);
    this.urls = new Map(ports.map((port, turn) => [`n${turn + 1}`, `http://127.0.0.1:${port}`]));
  }

  /**
   * Starts the replicas and waits until all agree on the leader. Returns undefined if one ended or `stop` was called
   * first.
   */
  async start(): Promise<string | undefined> {
    for (const id of this.urls.keys()) this.#spawn(id);
    while (this.#phase === "starting") {
      const leader = await this.#agreedLeader();
      if (this.#phase === "starting" && leader !== undefined) {
        this.#phase = "running";
        return leader;
      }
      await sleep(pollMs);
    }
    return undefined;
  }

  /** Whether a replica ended before the cluster was ready. */
  get startFailed(): boolean {
    return this.#startFailed;
  }

  /** Stops all running replicas. Returns whether all shut down gracefully. */
  async stop(): Promise<boolean> {
    this.#phase = "stopping";
    const children = [...this.#children.values()];
    for (const child of children) child.stop();
    const timer = setTimeout(() => this.kill(), stopTimeoutMs);
    await Promise.all(children.map(({ ended }) => ended));
    clearTimeout(timer);
    return this.#allGraceful;
  }

  pidOf(id: string): number | undefined {
    return this.#children.get(id)?.pid;
  }

  kill(): void {
    for (const child of this.#children.values()) child.kill();
  }

  #spawn(id: string): void {
    const child = new Child(this.#argumentsOf(id), (line) => console.log(`${this.#markOf(id)} ${line}`));
    this.#children.set(id, child);
    child.ended.then((how) => this.#ended(id, how));
  }

  #argumentsOf(id: string): string[] {
    const { replicas, dataDir, transport, natsUrl, persister, logLevel, logFormat } = this.#config;
    const flags = {
      id,
      peers: [...this.urls].map(([peer, url]) => `${peer}=${url}`).join(),
      // Data of another number of voters, or of a cluster of one, must not get into this cluster.
      "cluster-id": `dev-${replicas}`,
      "data-dir": join(dataDir, id),
      transport,
      "nats-url": natsUrl.join(),
      // Keeps clusters with the same names apart on one NATS.
      "nats-prefix": this.#natsPrefix,
      persister,
      "log-level": logLevel,
      "log-format": logFormat,
    };
    const given = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
    return ["serve", ...given, "--no-config", "--exit-with-parent"];
  }

  #markOf(id: string): string {
    if (!process.stdout.isTTY || process.env.NO_COLOR) return `${id} |`;
    const colour = colours[[...this.urls.keys()].indexOf(id) % colours.length];
    return `\u001b[${colour}m${id} |\u001b[0m`;
  }

  #ended(id: string, how: string): void {
    this.#children.delete(id);
    if (this.#phase === "stopping") {
      if (how !== "with code 0") this.#allGraceful = false;
    } else if (this.#phase === "starting") {
      console.error(`durio: ${id} could not start: it ended ${how}`);
      this.#startFailed = true;
      this.#phase = "stopping";
    } else {
      console.log(`${this.#markOf(id)} ended ${how}; type ${id} and Enter to restart it`);
      this.#awaitInput();
    }
  }

  /** Starts to read the terminal when there is a replica to restart for the first time. */
  #awaitInput(): void {
    if (this.#awaitsInput) return;
    this.#awaitsInput = true;
    createInterface({ input: process.stdin }).on("line", (line) => this.#restart(line.trim()));
  }

  #restart(typed: string): void {
    const down = [...this.urls.keys()].filter((id) => !this.#children.has(id));
    const meant = typed === "" ? down : down.filter((id) => id === typed);
    if (meant.length === 0) console.log(`nothing to start; down: ${down.join(" ") || "none"}`);
    if (this.#phase !== "running") return;
    for (const id of meant) {
      this.#spawn(id);
      console.log(`${this.#markOf(id)} starts again, pid ${this.pidOf(id)}`);
    }
  }

  /** Returns the leader if all replicas name the same one. */
  async #agreedLeader(): Promise<string | undefined> {
    const [first, ...others] = await Promise.all([...this.urls.values()].map(leaderAt));
    return others.every((leader) => leader === first) ? first : undefined;
  }
}

async function leaderAt(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/status`, { signal: AbortSignal.timeout(1000) });
    const status: unknown = await response.json();
    if (typeof status !== "object" || status === null || !("leader" in status)) return undefined;
    return typeof status.leader === "string" ? status.leader : undefined;
  } catch {
    return undefined;
  }
}
