import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

/** Debian keeps servers where only root looks. */
const env: NodeJS.ProcessEnv = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` };

/** A nats-server of the machine's own, on loopback. */
export class NatsServer implements AsyncDisposable {
  readonly port: number;
  readonly #flags: readonly string[];
  #process: ChildProcess | undefined;

  constructor(port: number, ...flags: string[]) {
    this.port = port;
    this.#flags = flags;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Starts it, and waits until it listens. */
  async start(): Promise<void> {
    const flags = ["--addr", "127.0.0.1", "--port", `${this.port}`, ...this.#flags];
    const child = spawn("nats-server", flags, { stdio: "ignore", env });
    this.#process = child;
    while (!(await this.#listens())) {
      if (child.exitCode !== null) throw new Error(`nats-server ended with code ${child.exitCode}`);
      await sleep(20);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL");
    // Not by the event of its exit, which Deno now and then keeps to itself.
    while (await this.#listens()) await sleep(20);
  }

  #listens(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, "127.0.0.1");
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
  }
}
