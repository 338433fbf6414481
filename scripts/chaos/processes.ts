import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import process from "node:process";

const running = new Set<ChildProcess>();
let isWatching = false;

export interface ChildOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A file to which the process's output is appended. Default: none. */
  readonly log?: string;
  /** Whether lines are exchanged over stdin and stdout. */
  readonly isPiped?: boolean;
  /** Whether its output is shown here. Its standard input ends with this process. */
  readonly isShown?: boolean;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that ends with this one. */
export class Child {
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #lines: string[] = [];
  #awaited: ((line: string) => void)[] = [];
  #rest = "";
  #exit: Exit | undefined;

  constructor(process: ChildProcess) {
    this.#process = process;
    this.exited = new Promise((resolve, reject) => {
      process.once("error", reject);
      process.once("exit", (code, signal) => {
        running.delete(process);
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
    process.stdout?.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    process.stdin?.on("error", () => {});
  }

  get pid(): number {
    return this.#process.pid ?? Number.NaN;
  }

  /** Undefined while it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  write(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  /** Returns the next line of its output. */
  async line(): Promise<string> {
    const line = this.#lines.shift();
    if (line !== undefined) return line;
    const ended = this.exited.then(({ code, signal }) => {
      throw new Error(`${this.#process.spawnargs.join(" ")} ended with ${code ?? signal}`);
    });
    return await Promise.race([new Promise<string>((resolve) => this.#awaited.push(resolve)), ended]);
  }

  async end(): Promise<void> {
    this.signal("SIGKILL");
    await this.exited;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const awaited = this.#awaited.shift();
      if (awaited === undefined) this.#lines.push(line);
      else awaited(line);
    }
  }
}

/** Starts a process, which is killed when this one ends. */
export function startChild([command = "", ...args]: readonly string[], options: ChildOptions = {}): Child {
  killAllAtTheEnd();
  const log = options.log === undefined ? undefined : openSync(options.log, "a");
  const stdout = options.isPiped ? "pipe" : (log ?? (options.isShown ? "inherit" : "ignore"));
  const child = spawn(command, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.environment },
    stdio: [options.isPiped || options.isShown ? "pipe" : "ignore", stdout, log ?? "inherit"],
  });
  running.add(child);
  if (log !== undefined) closeSync(log);
  return new Child(child);
}

/** Returns how many are running. */
export function runningChildren(): number {
  return running.size;
}

function killAllAtTheEnd(): void {
  if (isWatching) return;
  isWatching = true;
  process.on("exit", () => {
    for (const child of running) child.kill("SIGKILL");
  });
  // A signal without a listener ends a process without "exit".
  const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
  for (const [signal, code] of Object.entries(signals)) process.on(signal, () => process.exit(code));
}
