import { fdatasyncSync, openSync, writeSync } from "node:fs";

/** A write-only log. */
export class SkeletonFile {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  /** The bytes are durable when it returns. It blocks the event loop, which is fastest as long as the disk is. */
  append(bytes: Uint8Array): void {
    writeSync(this.#file, bytes);
    fdatasyncSync(this.#file);
  }
}
