import { execFileSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Child, startChild } from "../processes.ts";
import type { Disk } from "./disk.ts";
import type { ErrnoName } from "./wire.ts";

/** A directory of a file system of the kernel. strace delays or fails its syncs, and a large file fills its space. */
export class PlainDisk implements Disk {
  readonly kind = "plain";
  readonly directory: string;
  readonly #hasOwnFileSystem: boolean;
  #strace: Child | undefined;

  constructor(directory: string, { hasOwnFileSystem }: { readonly hasOwnFileSystem: boolean }) {
    this.directory = directory;
    this.#hasOwnFileSystem = hasOwnFileSystem;
  }

  get canLimit(): boolean {
    return this.#hasOwnFileSystem;
  }

  async slow(pid: number, syncDelayMs: number): Promise<void> {
    await this.#detach();
    if (syncDelayMs > 0) await this.#attach(pid, `delay_exit=${syncDelayMs * 1000}`);
  }

  async fail(pid: number, error: ErrnoName, at: number): Promise<void> {
    await this.#detach();
    await this.#attach(pid, `error=${error}:when=${at}`);
  }

  async limit(freeBytes: number | undefined): Promise<void> {
    const filler = join(this.directory, "filler");
    if (freeBytes === undefined) return rmSync(filler, { force: true });
    const { bavail, bsize } = statfsSync(this.directory);
    writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - freeBytes)));
  }

  hang(): Promise<void> {
    throw new RangeError("hang: needs a disk of kind fuse");
  }

  async release(): Promise<void> {
    await this.#detach();
  }

  losePower(): Promise<void> {
    throw new RangeError("losePower: needs a disk of kind fuse");
  }

  async settle(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#detach();
    if (this.#hasOwnFileSystem) execFileSync("umount", ["-l", this.directory], { stdio: "ignore" });
  }

  async #attach(pid: number, fault: string): Promise<void> {
    const calls = "fdatasync,fsync";
    const flags = ["-f", "-qq", "-o", "/dev/null", "-e", `trace=${calls}`, "-e", `inject=${calls}:${fault}`];
    this.#strace = startChild(["strace", ...flags, "-p", String(pid)]);
  }

  /** strace detaches on SIGTERM, and ends if the process is dead. */
  async #detach(): Promise<void> {
    this.#strace?.signal("SIGTERM");
    await this.#strace?.exited;
    this.#strace = undefined;
  }
}
