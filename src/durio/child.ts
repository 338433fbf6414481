import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { runtimeName } from "../runtime/index.ts";

/** A replica as a child process. It ends when its stdin does, so it can't outlive this process. */
export class Child {
  readonly #process: ChildProcess;
  /** Resolves when it has ended: `with code 1`, `by SIGKILL`. */
  readonly ended: Promise<string>;

  /**
   * @param args of the program that runs now
   * @param onLine hears each line that the child writes, to stdout or stderr
   */
  constructor(args: readonly string[], onLine: (line: string) => void) {
    const child = spawn(process.execPath, [...program(), ...args], { stdio: ["pipe", "pipe", "pipe"] });
    this.#process = child;
    // A child that has gone needs not be told to go.
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

  /** Asks it to stop in order. */
  stop(): void {
    this.#process.stdin?.end();
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }
}

/** What this runtime was given to run the program that it runs; nothing if the program was compiled. */
function program(): string[] {
  const [, script = ""] = process.argv;
  if (isCompiled(script)) return [];
  return runtimeName === "deno" ? ["run", "--allow-all", script] : [script];
}

declare const Deno: { readonly build: { readonly standalone?: boolean } } | undefined;

/** A compiled program carries its script within itself: in Bun's under a path that no file has. */
function isCompiled(script: string): boolean {
  if (runtimeName === "deno") return Deno?.build.standalone === true;
  return /^(?:\/\$bunfs\/|[A-Z]:[\\/]~BUN[\\/])/.test(script);
}

async function lines(output: Readable, onLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: output })) onLine(line);
}
