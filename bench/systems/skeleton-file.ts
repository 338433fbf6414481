import { fdatasync, openSync, writeSync } from "node:fs";

/** A write-only log. */
export class SkeletonFile {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  /** Resolves when the bytes are durable. */
  append(bytes: Uint8Array): Promise<void> {
    writeSync(this.#file, bytes);
    return new Promise((resolve, reject) => {
      fdatasync(this.#file, (error) => (error === null ? resolve() : reject(error)));
    });
  }
}
