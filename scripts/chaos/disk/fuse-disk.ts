import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import process from "node:process";
import { type Child, startChild } from "../processes.ts";
import { inProject } from "../tools.ts";
import type { DiskCommand } from "./commands.ts";
import type { Disk } from "./disk.ts";
import type { ErrnoName } from "./wire.ts";

/** A file system in memory that loses what was not synced: a process that serves /dev/fuse. */
export class FuseDisk implements Disk {
  readonly kind = "fuse";
  readonly canLimit = true;
  readonly directory: string;
  readonly #process: Child;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, process: Child) {
    this.directory = directory;
    this.#process = process;
  }

  static async mount(directory: string): Promise<FuseDisk> {
    mkdirSync(directory, { recursive: true });
    const program = inProject("scripts/chaos/disk/main.ts");
    const child = startChild([process.execPath, program, directory], { isPiped: true });
    await child.line();
    return new FuseDisk(directory, child);
  }

  slow(_pid: number, syncDelayMs: number): Promise<void> {
    return this.#tell({ type: "slow", syncDelayMs });
  }

  fail(_pid: number, error: ErrnoName, at: number): Promise<void> {
    return this.#tell({ type: "fail", error, at });
  }

  limit(freeBytes: number | undefined): Promise<void> {
    return this.#tell({ type: "limit", freeBytes });
  }

  hang(): Promise<void> {
    return this.#tell({ type: "hang" });
  }

  release(): Promise<void> {
    return this.#tell({ type: "release" });
  }

  losePower(seed: number): Promise<void> {
    return this.#tell({ type: "losePower", seed });
  }

  settle(): Promise<void> {
    return this.#tell({ type: "settle" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    execFileSync("umount", ["-l", this.directory], { stdio: "ignore" });
    await this.#process.end();
  }

  /** One at a time, because answers arrive in the order of the commands. */
  #tell(command: DiskCommand): Promise<void> {
    const reply = this.#last.then(async () => {
      this.#process.write(JSON.stringify(command));
      await this.#process.line();
    });
    this.#last = reply.catch(() => {});
    return reply;
  }
}
