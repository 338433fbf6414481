import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Cluster } from "../systems/durio.ts";
import type { Links } from "../systems/links.ts";

/** A fault of the leader, repeated by the benchmark. */
export interface Fault {
  /** Describes what was done, such as "killed n1". */
  readonly done: (leader: string) => string;
  /** Resolves when it is done. */
  begin(leader: string): Promise<void>;
  end(leader: string): Promise<void>;
  /**
   * Whether the old leader still serves for a while. Then the gap is the longest time between two acknowledgements
   * until it has ended.
   */
  readonly isOrderly?: boolean;
}

export function kill(cluster: Cluster): Fault {
  return {
    done: (leader) => `killed ${leader}`,
    begin: (leader) => cluster.kill(leader),
    end: async (leader) => cluster.start(leader),
  };
}

export function killAll(cluster: Cluster): Fault {
  return {
    done: () => `killed ${cluster.ids.join(" ")}`,
    async begin() {
      await Promise.all(cluster.ids.map((id) => cluster.kill(id)));
      for (const id of cluster.ids) cluster.start(id);
    },
    end: async () => {},
  };
}

export function hang(cluster: Cluster): Fault {
  return {
    done: (leader) => `suspended ${leader}`,
    begin: async (leader) => cluster.suspend(leader),
    end: async (leader) => cluster.resume(leader),
  };
}

export function cut(links: Links): Fault {
  return {
    done: (leader) => `cut ${leader} off`,
    begin: async (leader) => links.cutOff(leader),
    end: async (leader) => links.heal(leader),
  };
}

/** Incomplete uploads that a client keeps open. */
const UPLOADS = 50;

export function stop(cluster: Cluster): Fault {
  const sockets: Socket[] = [];
  return {
    done: (leader) => `stopped ${leader} with ${UPLOADS} half-sent uploads`,
    async begin(leader) {
      const { hostname, port } = cluster.url(leader);
      for (let n = 0; n < UPLOADS; n++) {
        const socket = connect(Number(port), hostname).on("error", () => {});
        sockets.push(socket);
        await once(socket, "connect");
        const head = `POST /kvstore/put HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\n`;
        socket.write(`${head}Content-Length: 100\r\n\r\nabc`);
      }
      cluster.terminate(leader);
    },
    async end(leader) {
      await cluster.ended(leader);
      for (const socket of sockets.splice(0)) socket.destroy();
      cluster.start(leader);
    },
    isOrderly: true,
  };
}
