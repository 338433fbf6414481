import { memoryPersister } from "../../adapters/memory/index.ts";
import { type Clerk, KvServer } from "../../src/kvraft/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { LoopbackNetwork } from "../../transports/loopback/index.ts";

const clusterId = "bench";
const id = replicaId("n1");
const key = new TextEncoder().encode("key");
const value = new Uint8Array(100);

/** One replica of the store, alone, and a clerk in its process: what a request costs beside messages and disks. */
export class Clerks implements AsyncDisposable {
  readonly #server: KvServer;
  readonly #clerk: Clerk;

  private constructor(server: KvServer, clerk: Clerk) {
    this.#server = server;
    this.#clerk = clerk;
  }

  static async start(): Promise<Clerks> {
    const transport = new LoopbackNetwork({ clusterId }).transport(id);
    const persister = memoryPersister({ clusterId, replicaId: id });
    const server = await KvServer.start({ id, voters: [id], transport, persister });
    const clerk = server.clerk();
    await clerk.put(key, value);
    return new Clerks(server, clerk);
  }

  /** Makes this many puts or gets of 100 bytes at a time by the short way, until `more` returns false. */
  async run(type: "put" | "get", batch: number, more: () => boolean): Promise<number> {
    let done = 0;
    while (more()) {
      await new Promise<void>((resolve, fail) => {
        let left = batch;
        const settle = () => {
          if (--left === 0) resolve();
        };
        for (let n = 0; n < batch; n++) {
          if (type === "get") this.#clerk.read(key, { settle, fail });
          else this.#clerk.submit({ type: "kvPut", key, value }, { settle, fail });
        }
      });
      done += batch;
    }
    return done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.kill();
  }
}
