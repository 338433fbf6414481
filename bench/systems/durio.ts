import { readdirSync } from "node:fs";
import { join } from "node:path";
import { askJson, type ClusterOptions, type Place, ProcessCluster, placeFor } from "./process-cluster.ts";

const program = new URL("../../src/durio/main.ts", import.meta.url).pathname;

export interface DurioStatus {
  readonly role: string;
  readonly term: number;
  readonly commitIndex: number;
  readonly lastApplied: number;
}

/** Replicas of durio. */
export class Cluster extends ProcessCluster {
  protected override readonly readyPath = "/readyz";
  readonly #peers: ReadonlyMap<string, URL>;
  readonly #flags: readonly string[];

  private constructor(place: Place, peers: ReadonlyMap<string, URL>, options: ClusterOptions) {
    super(place, options);
    this.#peers = peers;
    this.#flags = options.flags ?? [];
  }

  static async start(size: number, options: ClusterOptions = {}): Promise<Cluster> {
    const place = await placeFor(size, "durio");
    const peers = (await options.peersVia?.(place.urls)) ?? place.urls;
    const cluster = new Cluster(place, peers, options);
    await cluster.startAll();
    return cluster;
  }

  protected override command(id: string): readonly string[] {
    const peers = [...this.#peers].map(([peer, { origin }]) => `${peer}=${origin}`).join(",");
    const where = ["--id", id, "--peers", peers, "--listen", this.url(id).host];
    const quiet = ["--data-dir", join(this.directory, id), "--log-level", "error"];
    return [process.execPath, program, "serve", ...where, ...quiet, ...this.#flags];
  }

  protected override async leads(id: string): Promise<boolean> {
    const status = await this.status(id);
    return status?.role === "leader" && status.commitIndex > 0;
  }

  status(id: string): Promise<DurioStatus | undefined> {
    return askJson<DurioStatus>(new URL("/status", this.url(id)));
  }

  /** Whether a replica is writing a snapshot of its own, with the file persister. */
  isSavingSnapshot(id: string): boolean {
    return readdirSync(join(this.directory, id)).some((name) => /^snapshot-.*\.tmp$/.test(name));
  }
}
