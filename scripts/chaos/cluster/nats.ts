import { connect } from "node:net";
import type { Connectivity } from "../connectivity.ts";
import type { Network } from "../network/index.ts";
import { type Child, startChild } from "../processes.ts";
import { natsServer } from "../tools.ts";

/** The NATS server between the replicas. */
export class NatsProcess {
  readonly #network: Network;
  readonly #connectivity: Connectivity;
  readonly #now: () => number;
  #child: Child | undefined;

  constructor(network: Network, connectivity: Connectivity, now: () => number) {
    this.#network = network;
    this.#connectivity = connectivity;
    this.#now = now;
  }

  /** Starts it and waits until it listens. */
  async start(): Promise<void> {
    const { host, port } = this.#network.natsListenAddress();
    const command = [natsServer(), "--addr", host, "--port", String(port)];
    this.#child = startChild([...this.#network.around("nats"), ...command], { log: "/dev/null" });
    while (!(await listens(host, port))) {
      if (this.#child.exit !== undefined) throw new Error(`nats-server ended with ${this.#child.exit.code}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.#note(true);
  }

  async kill(): Promise<void> {
    this.#note(false);
    await this.#child?.end();
  }

  pause(): void {
    this.#child?.signal("SIGSTOP");
    this.#note(false);
  }

  resume(): void {
    this.#child?.signal("SIGCONT");
    this.#note(true);
  }

  #note(isAble: boolean): void {
    this.#connectivity.able("nats", isAble, this.#now());
  }
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
