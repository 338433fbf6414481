import { randomUUID } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Child } from "./child.ts";
import type { DevSettings } from "./config/index.ts";

const pollMs = 50;
/** A replica that can't stop in order ends itself before that. */
const stopTimeoutMs = 4800;
const colours = [36, 33, 35, 32, 34, 31, 96, 93, 95];

/** The replicas of a cluster on this machine, each a child process. */
export class DevCluster {
  /** Where each replica serves. */
  readonly urls: ReadonlyMap<string, string>;
  readonly #options: DevSettings;
  readonly #natsPrefix = `dev-${randomUUID()}`;
  readonly #children = new Map<string, Child>();
  #phase: "starting" | "running" | "stopping" = "starting";
  #startFailed = false;
  #allInOrder = true;
  #awaitsInput = false;

  constructor(options: DevSettings) {
    this.#options = options;
    const ports = Array.from({ length: options.replicas }, (_, turn) => options.port + turn);
    this.urls = new Map(ports.map((port, turn) => [`n${turn + 1}`, `http://127.0.0.1:${port}`]));
  }

  /** Starts the replicas, and waits until all agree who leads; undefined if one ended, or `stop` came first. */
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

  /** Stops all that run. Returns whether every replica stopped in order. */
  async stop(): Promise<boolean> {
    this.#phase = "stopping";
    const children = [...this.#children.values()];
    for (const child of children) child.stop();
    const timer = setTimeout(() => this.kill(), stopTimeoutMs);
    await Promise.all(children.map(({ ended }) => ended));
    clearTimeout(timer);
    return this.#allInOrder;
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
    const { replicas, dataDir, transport, natsUrl, persister, logLevel, logFormat } = this.#options;
    const flags = {
      id,
      peers: [...this.urls].map(([peer, url]) => `${peer}=${url}`).join(),
      // Data of fewer or more voters, or of a cluster of one, must not slip into this one.
      "cluster-id": `dev-${replicas}`,
      "data-dir": join(dataDir, id),
      transport,
      "nats-url": natsUrl.join(),
      // Clusters of the same names, on the same NATS, must not meet.
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
      if (how !== "with code 0") this.#allInOrder = false;
    } else if (this.#phase === "starting") {
      console.error(`durio: ${id} could not start: it ended ${how}`);
      this.#startFailed = true;
      this.#phase = "stopping";
    } else {
      console.log(`${this.#markOf(id)} ended ${how}; type ${id} and Enter to start it again`);
      this.#awaitInput();
    }
  }

  /** Reads what is typed, from the first time on that there is something to type. */
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

  /** Whom all replicas take for the leader. */
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
