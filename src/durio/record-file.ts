import { closeSync, openSync, writeSync } from "node:fs";
import type { Logger } from "../ports/index.ts";
import { Recorder } from "../record/index.ts";
import { InvalidConfig } from "./config/index.ts";
import { messageOf } from "./failure.ts";

/**
 * Records a replica in a new file, which only its owner can read because it holds all keys and values. Each turn is
 * written before the replica acts on it. If a write fails, an error is logged, and the replica continues without a record.
 *
 * @param path of the record. If the file exists, the first free one of PATH.2, PATH.3 and so on is used
 * @throws InvalidConfig if the file can't be created
 */
export function recordIn(path: string, logger: Logger): Recorder {
  const { file, name } = created(path);
  logger.info("recording all inputs of this replica in {file}", { event: "record.started", file: name });
  let isOpen = true;
  return new Recorder((bytes) => {
    if (!isOpen) return;
    try {
      writeAll(file, bytes);
    } catch (error) {
      isOpen = false;
      closeSync(file);
      const reason = messageOf(error);
      const message = "the record in {file} ends here, because it can't be written: {reason}";
      logger.error(message, { event: "record.failed", file: name, reason });
    }
  });
}

function created(path: string): { readonly file: number; readonly name: string } {
  for (let number = 1; ; number++) {
    const name = number === 1 ? path : `${path}.${number}`;
    try {
      return { file: openSync(name, "wx", 0o600), name };
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EEXIST") continue;
      throw new InvalidConfig([`record: can't create ${name}: ${messageOf(error)}; choose another file`]);
    }
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}
