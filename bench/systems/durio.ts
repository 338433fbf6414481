import { join } from "node:path";
import { askJson, type Place, ProcessCluster, placeFor } from "./process-cluster.ts";

const program = new URL("../../src/durio/main.ts", import.meta.url).pathname;

export interface DurioStatus {
  readonly role: string;
  readonly term: number;
  readonly commitIndex: number;
  readonly lastApplied: number;
}

/** Replicas of durio. */
export class Cluster extends ProcessCluster {
  readonly #flags: readonly string[];

  private constructor(place: Place, flags: readonly string[]) {
    super(place);
    this.#flags = flags;
  }

  /** @param flags further flags of `durio serve`, for every replica */
  static async start(size: number, flags: readonly string[] = []): Promise<Cluster> {
    const cluster = new Cluster(await placeFor(size, "durio"), flags);
    await cluster.startAll();
    return cluster;
  }

  protected override command(id: string): readonly string[] {
    const peers = this.ids.map((peer) => `${peer}=${this.url(peer).origin}`).join(",");
    const where = ["--id", id, "--peers", peers, "--data-dir", join(this.directory, id)];
    return [process.execPath, program, "serve", ...where, "--log-level", "error", ...this.#flags];
  }

  protected override async leads(id: string): Promise<boolean> {
    const status = await this.status(id);
    return status?.role === "leader" && status.commitIndex > 0;
  }

  status(id: string): Promise<DurioStatus | undefined> {
    return askJson<DurioStatus>(new URL("/status", this.url(id)));
  }
}
