import { join } from "node:path";
import { askJson, ProcessCluster, workDirFor } from "./process-cluster.ts";

const program = new URL("./skeleton-replica.ts", import.meta.url).pathname;

/**
 * The possible speed of the data path: three replicas with a fixed leader that do only what a request needs, without
 * elections, terms, sessions or checks.
 */
export class Skeleton extends ProcessCluster {
  protected override readonly readyPath = "/healthz";

  static async start(): Promise<Skeleton> {
    const skeleton = new Skeleton(await workDirFor(3, "skeleton"));
    await skeleton.startAll();
    return skeleton;
  }

  protected override command(id: string): readonly string[] {
    const followers = id === this.ids[0] ? this.urls.slice(1) : [];
    const where = [this.url(id).port, join(this.directory, id), ...followers.map(({ origin }) => origin)];
    return [process.execPath, program, ...where];
  }

  protected override async leads(id: string): Promise<boolean> {
    if (id !== this.ids[0]) return false;
    const answers = await Promise.all(this.urls.map((url) => askJson<object>(new URL("/healthz", url))));
    return answers.every((answer) => answer !== undefined);
  }
}
