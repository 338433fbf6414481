import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Links } from "./links.ts";
import { askJson, type ClusterOptions, ProcessCluster, type WorkDir, workDirFor } from "./process-cluster.ts";

const program = inProject("src/durio/main.ts");

export type DurioRuntime = "bun" | "node" | "deno";

/** Node runs the build, the others run the sources. */
const commands: Readonly<Record<DurioRuntime, readonly string[]>> = {
  bun: [process.execPath, program],
  node: ["node", inProject("dist/src/durio/main.js")],
  deno: [inProject("node_modules/.bin/deno"), "run", "--allow-all", program],
};

function inProject(path: string): string {
  return new URL(`../../${path}`, import.meta.url).pathname;
}

export interface DurioClusterOptions extends ClusterOptions {
  /** Whether the cluster has a secret. Clients may read and write without a token. Default: no. */
  readonly sealed?: boolean;
  /** Default: bun. */
  readonly runtime?: DurioRuntime;
  /** Creates the links between replicas. Default: direct connections. */
  readonly linked?: (urls: ReadonlyMap<string, URL>) => Promise<Links>;
}

export interface DurioStatus {
  readonly role: string;
  readonly term: number;
  readonly commitIndex: number;
  readonly lastApplied: number;
}

/** A cluster of durio. */
export class Cluster extends ProcessCluster {
  protected override readonly readyPath = "/readyz";
  readonly #peers: ReadonlyMap<string, URL>;
  readonly #links: Links | undefined;
  readonly #flags: readonly string[];
  readonly #runtime: DurioRuntime;

  private constructor(
    place: WorkDir,
    peers: ReadonlyMap<string, URL>,
    links: Links | undefined,
    options: DurioClusterOptions,
  ) {
    super(place, options);
    this.#peers = peers;
    this.#links = links;
    this.#flags = [...(options.flags ?? []), ...(options.sealed ? this.#secretFlags() : [])];
    this.#runtime = options.runtime ?? "bun";
  }

  static async start(size: number, options: DurioClusterOptions = {}): Promise<Cluster> {
    const place = await workDirFor(size, "durio");
    const peers = (await options.peersVia?.(place.urls)) ?? place.urls;
    const cluster = new Cluster(place, peers, await options.linked?.(place.urls), options);
    await cluster.startAll();
    return cluster;
  }

  /** Returns the token of the administrator, once one of the replicas has written it beside its data. */
  async token(): Promise<string> {
    const files = this.ids.map((id) => join(this.directory, id, "admin-token"));
    for (;;) {
      const file = files.find((path) => existsSync(path));
      if (file !== undefined) return readFileSync(file, "utf8").trim();
      this.assertRunning();
      await Bun.sleep(5);
    }
  }

  #secretFlags(): readonly string[] {
    const file = join(this.directory, "secret");
    writeFileSync(file, `durio_secret_${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
    return ["--secret-file", file, "--anonymous", "write"];
  }

  protected override command(id: string): readonly string[] {
    const reached = this.#links?.peersOf(id) ?? this.#peers;
    const peers = [...reached].map(([peer, { origin }]) => `${peer}=${origin}`).join(",");
    const where = ["--id", id, "--peers", peers, "--listen", this.url(id).host];
    const quiet = ["--data-dir", join(this.directory, id), "--log-level", "error"];
    return [...commands[this.#runtime], "serve", ...where, ...quiet, ...this.#flags];
  }

  protected override async leads(id: string): Promise<boolean> {
    const status = await this.status(id);
    return status?.role === "leader" && status.commitIndex > 0;
  }

  status(id: string): Promise<DurioStatus | undefined> {
    return askJson<DurioStatus>(new URL("/status", this.url(id)));
  }

  /** Returns whether a replica is writing its own snapshot, with the file persister. */
  isSavingSnapshot(id: string): boolean {
    return readdirSync(join(this.directory, id)).some((name) => /^snapshot-.*\.tmp$/.test(name));
  }
}
