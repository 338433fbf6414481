import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { runtimeName } from "../runtime/index.ts";

/** Variables that hold or name a secret. A trial cluster on loopback has none, so that its clients need no tokens. */
const secrets: readonly string[] = ["DURIO_SECRET", "DURIO_SECRET_FILE", "CREDENTIALS_DIRECTORY"];

/** A replica in a child process. The child ends when its stdin closes, so it cannot outlive this process. */
export class Child {
  readonly #process: ChildProcess;
  /** Resolves when the process has ended: `with code 1`, `by SIGKILL`. */
  readonly ended: Promise<string>;

  /**
   * @param args arguments for the current program
   * @param onLine called with each line that the child writes to stdout or stderr
   */
  constructor(args: readonly string[], onLine: (line: string) => void) {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !secrets.includes(name)));
    const child = spawn(process.execPath, [...program(), ...args], { env, stdio: ["pipe", "pipe", "pipe"] });
    this.#process = child;
    // Ignored, because a child that has ended needs no more input.
    child.stdin.on("error", () => {});
    const read = [child.stdout, child.stderr].map((output) => lines(output, onLine));
    this.ended = once(child, "exit").then(async ([code, signal]: unknown[]) => {
      await Promise.all(read);
      return typeof signal === "string" ? `by ${signal}` : `with code ${code}`;
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Asks for a graceful shutdown. */
  stop(): void {
    this.#process.stdin?.end();
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }
}

/** Returns the arguments that run the current program; none if it is compiled. */
function program(): string[] {
  const [, script = ""] = process.argv;
  if (isCompiled(script)) return [];
  return runtimeName === "deno" ? ["run", "--allow-all", script] : [script];
}

declare const Deno: { readonly build: { readonly standalone?: boolean } } | undefined;

/** A compiled program contains its script; Bun's has a path at which no file exists. */
function isCompiled(script: string): boolean {
  if (runtimeName === "deno") return Deno?.build.standalone === true;
  return /^(?:\/\$bunfs\/|[A-Z]:[\\/]~BUN[\\/])/.test(script);
}

async function lines(output: Readable, onLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: output })) onLine(line);
}
