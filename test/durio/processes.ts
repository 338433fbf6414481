import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { RuntimeName } from "../../src/runtime/index.ts";

function inProject(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

const main = inProject("src/durio/main.ts");

/** The command for durio by runtime: Node runs the build, the others run the sources. */
const commands: Readonly<Record<RuntimeName, readonly [string, ...string[]]>> = {
  bun: [inProject("node_modules/.bin/bun"), main],
  deno: [inProject("node_modules/.bin/deno"), "run", "--allow-all", main],
  node: [process.execPath, inProject("dist/src/durio/main.js")],
};

/** Whether durio, with these arguments, runs until it is stopped. */
function runsOn([command = "serve", ...rest]: readonly string[]): boolean {
  const isCommand = command === "serve" || command === "dev" || command.startsWith("-");
  return isCommand && ![command, ...rest].some((argument) => /^(?:-h|-v|--help|--version)$/.test(argument));
}

function endingWithParent([command = "serve", ...rest]: readonly string[]): string[] {
  const flag = "--exit-with-parent";
  return command.startsWith("-") ? [flag, command, ...rest] : [command, flag, ...rest];
}

/** The end of a process. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface DurioOptions {
  /** Default: `bun`. */
  readonly runtime?: RuntimeName;
  /** Variables besides those of the tests. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The command that runs the process: a program and its first arguments. Default: none. */
  readonly under?: readonly string[];
}

/** durio as a process, in its own process group. */
export class Durio {
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  #stdout = "";
  #stderr = "";
  #ended = false;

  constructor(
    args: readonly string[],
    cwd: string,
    { runtime = "bun", environment = {}, under = [] }: DurioOptions = {},
  ) {
    const env = { ...process.env, ...environment };
    const [command = "", ...program] = [...under, ...commands[runtime]];
    // A test run that is killed leaves nothing behind: what runs until it is told to stop ends with its stdin.
    const owned = runsOn(args) ? endingWithParent(args) : args;
    const child = spawn(command, [...program, ...owned], { cwd, env, detached: true, stdio: "pipe" });
    this.#process = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.exited = once(child, "close").then(([code, signal]) => {
      this.#ended = true;
      return { code, signal };
    });
  }

  get pid(): number {
    return this.#process.pid ?? Number.NaN;
  }

  /** Its output so far. */
  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Waits until a condition holds. Throws if the process ends first. */
  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    await eventually(() => this.#ended || condition());
    if (this.#ended) throw new Error(`durio ended too early: ${this.#stdout}${this.#stderr}`);
  }

  /** Stops reading its stdout. */
  closeOutput(): void {
    this.#process.stdout?.destroy();
  }

  /** Types a line. */
  type(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  kill(signal: NodeJS.Signals): Promise<Exit> {
    this.#process.kill(signal);
    return this.exited;
  }

  /** Sends a signal to the process and its children, as a terminal does. 0 only checks whether any is left. */
  signalGroup(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-(this.#process.pid ?? Number.NaN), signal);
    } catch {
      return false;
    }
  }
}

/** The processes of a test, in its own directory. Disposing of it leaves no process and no file. */
export class Workshop implements AsyncDisposable {
  readonly directory: string;
  readonly #started: Durio[] = [];

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(): Promise<Workshop> {
    return new Workshop(await mkdtemp(join(tmpdir(), "durio-")));
  }

  start(...args: string[]): Durio {
    return this.startWith({}, ...args);
  }

  startWith(options: DurioOptions, ...args: string[]): Durio {
    const durio = new Durio(args, this.directory, options);
    this.#started.push(durio);
    return durio;
  }

  /** Starts a replica and waits until it serves. */
  serve(url: string, ...args: string[]): Promise<Durio> {
    return this.serveWith({}, url, ...args);
  }

  async serveWith(options: DurioOptions, url: string, ...args: string[]): Promise<Durio> {
    const durio = this.startWith(options, "serve", ...args);
    await durio.until(async () => (await fetch(`${url}/healthz`)).ok);
    return durio;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const durio of this.#started) durio.signalGroup("SIGKILL");
    await Promise.all(this.#started.map(({ exited }) => exited));
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Ports that were free a moment ago, in a row. */
export async function freePorts(count: number): Promise<number[]> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const ports = Array.from({ length: count }, (_, turn) => first + turn);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return ports;
  }
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** A cluster's addresses, and the flags that start each of its replicas. */
export class Plan {
  readonly urls: readonly string[];
  readonly #peers: string;

  constructor(ports: readonly number[]) {
    this.urls = ports.map((port) => `http://127.0.0.1:${port}`);
    this.#peers = this.urls.map((url, turn) => `n${turn + 1}=${url}`).join();
  }

  /** @param turn from 0 */
  flags(turn: number): string[] {
    return ["--id", `n${turn + 1}`, "--peers", this.#peers];
  }

  url(turn: number): string {
    const url = this.urls[turn % this.urls.length];
    if (url === undefined) throw new RangeError("ports: at least one");
    return url;
  }
}

/** Waits until a condition holds and gives what it found; one that throws doesn't hold yet. */
export async function eventually<T>(condition: () => T | Promise<T>): Promise<Exclude<T, false | undefined>> {
  for (;;) {
    const found = await Promise.resolve()
      .then(condition)
      .catch(() => undefined);
    if (found !== undefined && found !== false) return found as Exclude<T, false | undefined>;
    await sleep(20);
  }
}

export function write(url: string, route: "put" | "append", key: string, value: string): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${url}/kvstore/${route}`, { method: "POST", headers, body: JSON.stringify({ key, value }) });
}

/** The value of a key, without key and counter. */
export async function read(url: string, key: string): Promise<string> {
  const response = await fetch(`${url}/kvstore/get/${encodeURIComponent(key)}`);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.text()).replace(/^[^!]*!\d+!/, "");
}

/** The turn of the replica that leads, from 0. */
export function leaderOf(urls: readonly string[]): Promise<number> {
  return eventually(async () => {
    const leads = await Promise.all(urls.map((url) => isLeader(url).catch(() => false)));
    return leads.includes(true) && leads.indexOf(true);
  });
}

async function isLeader(url: string): Promise<boolean> {
  return (await (await fetch(`${url}/kvstore/is_leader`)).text()).endsWith(", true)");
}
