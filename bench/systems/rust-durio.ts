import { ProcessCluster, type WorkDir, workDirFor } from "./process-cluster.ts";

/** Those in its source. */
const PORTS = [9006, 9007, 9008];

/**
 * The program, built by hand from github.com/ditsing/ruaft with 127.0.0.1 in place of the addresses in durio/src/main.rs.
 * Undefined if RUST_DURIO does not name it.
 */
export const rustDurioProgram: string | undefined = process.env.RUST_DURIO;

/** The durio of the Rust implementation: three replicas with fixed ports, without a disk. */
export class RustDurio extends ProcessCluster {
  protected override readonly readyPath = "/kvstore/is_leader";
  /** It has two pools of threads. */
  override readonly worksOnMainThread: boolean = false;
  readonly #program: string;

  private constructor(place: WorkDir, program: string) {
    super(place);
    this.#program = program;
  }

  static async start(program: string): Promise<RustDurio> {
    const { directory } = await workDirFor(0, "rust-durio");
    const urls = new Map(PORTS.map((port) => [`n${port - 9005}`, new URL(`http://127.0.0.1:${port}`)]));
    const cluster = new RustDurio({ urls, directory }, program);
    await cluster.startAll();
    return cluster;
  }

  protected override command(id: string): readonly string[] {
    return [this.#program, String(this.ids.indexOf(id))];
  }

  protected override async leads(id: string): Promise<boolean> {
    const response = await fetch(new URL(this.readyPath, this.url(id))).catch(() => undefined);
    return (await response?.text())?.includes("true") ?? false;
  }
}
