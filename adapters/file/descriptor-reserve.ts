import { close, closeSync, open, openSync } from "node:fs";
import { promisify } from "node:util";
import { codeOf } from "./lock-holder.ts";

const openFile = promisify(open);
const closeFile = promisify(close);

/** For a segment, the spare one, a snapshot being written, one being read, and a directory to sync. */
const reserved = 5;

/** Reserves file descriptors, so that storage continues to work when connections have used up all others. */
export class DescriptorReserve {
  /** Any file that can be opened. */
  readonly #path: string;
  readonly #held: number[] = [];
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Takes missing descriptors as far as some are free. */
  async fill(): Promise<void> {
    while (!this.#closed && this.#held.length < reserved) {
      try {
        this.#held.push(await openFile(this.#path, "r"));
      } catch {
        return;
      }
    }
    if (this.#closed) await this.close();
  }

  /**
   * Opens a file for reading and writing. If no descriptor is free, one of the reserve is released and used at once,
   * before anything else in this process can take it.
   */
  async open(path: string, flags: string): Promise<number> {
    try {
      return await openFile(path, flags);
    } catch (error) {
      if (codeOf(error) !== "EMFILE" && codeOf(error) !== "ENFILE") throw error;
      const descriptor = this.#held.pop();
      if (descriptor === undefined) throw error;
      closeSync(descriptor);
      return openSync(path, flags);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const descriptor of this.#held.splice(0)) await closeFile(descriptor);
  }
}
