import { join } from "node:path";
import { freePort } from "./ports.ts";
import { askJson, type Place, ProcessCluster, placeFor } from "./process-cluster.ts";

/** Debian keeps servers where only root looks. */
const program = Bun.which("etcd", { PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` });

export const etcdIsHere: boolean = program !== null;

interface EtcdStatus {
  readonly header: { readonly member_id: string };
  readonly leader?: string;
}

/** Members of etcd. */
export class EtcdCluster extends ProcessCluster {
  readonly #peers: ReadonlyMap<string, URL>;
  readonly #flags: readonly string[];

  private constructor(place: Place, peers: ReadonlyMap<string, URL>, flags: readonly string[]) {
    super(place);
    this.#peers = peers;
    this.#flags = flags;
  }

  /** @param flags further flags of etcd, for every member */
  static async start(size: number, flags: readonly string[] = []): Promise<EtcdCluster> {
    const place = await placeFor(size, "etcd");
    const peers = new Map<string, URL>();
    for (const id of place.urls.keys()) peers.set(id, new URL(`http://127.0.0.1:${await freePort()}`));
    const cluster = new EtcdCluster(place, peers, flags);
    await cluster.startAll();
    return cluster;
  }

  protected override command(id: string): readonly string[] {
    const own = this.url(id).origin;
    const peer = this.#peers.get(id)?.origin ?? "";
    const all = [...this.#peers].map(([name, url]) => `${name}=${url.origin}`).join(",");
    return [
      program ?? "etcd",
      ...["--name", id, "--data-dir", join(this.directory, id), "--initial-cluster", all],
      ...["--listen-client-urls", own, "--advertise-client-urls", own],
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
      ...["--logger", "zap", "--log-level", "fatal", ...this.#flags],
    ];
  }

  protected override async leads(id: string): Promise<boolean> {
    const url = new URL("/v3/maintenance/status", this.url(id));
    const status = await askJson<EtcdStatus>(url, { method: "POST", body: "{}" });
    return status?.leader !== undefined && status.leader === status.header.member_id;
  }
}
