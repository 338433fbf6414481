import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./ports.ts";
import { askJson, ProcessCluster, type WorkDir, workDirFor } from "./process-cluster.ts";

/** When JetStream syncs its files: before each acknowledgement, or every two minutes (its default). */
export type NatsSync = "always" | "2m";

/** What a server knows about JetStream's Raft groups. */
interface JetStreamStatus {
  readonly meta_cluster?: { readonly leader?: string };
  readonly account_details?: readonly {
    readonly stream_detail?: readonly { readonly cluster?: { readonly leader?: string } }[];
  }[];
}

interface Ports {
  /** For the servers of the cluster. */
  readonly routes: ReadonlyMap<string, number>;
  /** For HTTP. */
  readonly monitors: ReadonlyMap<string, number>;
}

/** Three nats-servers with JetStream. `url` is the address for clients of NATS. */
export class NatsCluster extends ProcessCluster {
  protected override readonly readyPath = "";
  override readonly worksOnMainThread: boolean = false;
  readonly #program: string;
  readonly #ports: Ports;

  private constructor(place: WorkDir, program: string, ports: Ports) {
    super(place);
    this.#program = program;
    this.#ports = ports;
  }

  /** @param program nats-server 2.10 or newer, because older ones have no `sync_interval: always` */
  static async start(program: string, sync: NatsSync): Promise<NatsCluster> {
    const place = await workDirFor(3, "nats");
    const ids = [...place.urls.keys()];
    const ports = { routes: await portFor(ids), monitors: await portFor(ids) };
    const cluster = new NatsCluster(place, program, ports);
    for (const id of ids) writeFileSync(cluster.#file(id), cluster.#config(id, sync));
    await cluster.startAll();
    return cluster;
  }

  #file(id: string): string {
    return join(this.directory, `${id}.conf`);
  }

  #config(id: string, sync: NatsSync): string {
    const routes = [...this.#ports.routes.values()].map((port) => `"nats://127.0.0.1:${port}"`);
    return `server_name: ${id}
listen: "${this.url(id).host}"
http: "127.0.0.1:${this.#ports.monitors.get(id)}"
jetstream { store_dir: "${join(this.directory, id)}", sync_interval: "${sync}" }
cluster { name: bench, listen: "127.0.0.1:${this.#ports.routes.get(id)}", routes: [${routes.join(", ")}] }
`;
  }

  protected override command(id: string): readonly string[] {
    return [this.#program, "--config", this.#file(id), "--log", join(this.directory, `${id}.log`)];
  }

  /** Whether it leads the stream of the bucket, or before there is one, JetStream's own group. */
  protected override async leads(id: string): Promise<boolean> {
    const monitor = `http://127.0.0.1:${this.#ports.monitors.get(id)}/jsz?accounts=true&streams=true`;
    const status = await askJson<JetStreamStatus>(new URL(monitor));
    const streams = (status?.account_details ?? []).flatMap((account) => account.stream_detail ?? []);
    const leader = streams.length > 0 ? streams[0]?.cluster?.leader : status?.meta_cluster?.leader;
    return leader === id;
  }
}

async function portFor(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const ports = new Map<string, number>();
  for (const id of ids) ports.set(id, await freePort());
  return ports;
}
