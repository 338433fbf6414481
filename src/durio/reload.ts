import { readFileSync } from "node:fs";
import type { Clock, Logger } from "../ports/index.ts";
import type { SecurityConfig } from "./config/index.ts";
import { messageOf } from "./failure.ts";

/** Interval in ms at which the files are looked at. */
export const LOOK_AT_FILES_MS = 10_000;

export interface ReloadsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Watched {
  /** What the files contain, for the log, such as `the certificate`. */
  readonly name: string;
  readonly files: readonly string[];
  readonly callback: () => void | Promise<void>;
  /** The contents at the last look. */
  seen: string;
  /** Whether they are in use. */
  isUsed: boolean;
}

/**
 * Uses files again when they are replaced while a replica runs: its certificate, its secret. They are looked at every
 * 10 s, and at a SIGHUP. Their contents are compared, so that it does not matter how they are replaced.
 *
 * To have another file reloaded, call {@link onReload} in `startReplica`, before the file is read for the first time:
 *
 *     reloads.onReload("the secret", [config.secretFile], () => seal.use(readSecrets(config.secretFile)));
 *
 * The callback reads the files itself. If they can't be used it throws an error and changes nothing; the reason is then
 * logged, once for each change.
 */
export class Reloads implements Disposable {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #watched: Watched[] = [];
  #cancel: () => void = () => {};
  /** Resolves after the last look: two looks at a time could use files in the wrong order. */
  #last: Promise<void> = Promise.resolve();

  constructor({ clock, logger }: ReloadsOptions) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Begins to look at the files every 10 s, until disposed of. */
  start(): void {
    this.#lookLater();
  }

  /**
   * Calls back after each change of files. Several changes between two looks count as one.
   *
   * @param name what the files contain, as a noun with its article
   * @param callback uses the files. Throws an error with a sentence if they can't be used
   */
  onReload(name: string, files: readonly string[], callback: () => void | Promise<void>): void {
    this.#watched.push({ name, files, callback, seen: contentsOf(files), isUsed: true });
  }

  /** Looks at the files now. Also tries those again that could not be used the last time. */
  now(): Promise<void> {
    return this.#look({ isAsked: true });
  }

  [Symbol.dispose](): void {
    this.#cancel();
    this.#watched.length = 0;
  }

  #lookLater(): void {
    this.#cancel = this.#clock.setTimer(LOOK_AT_FILES_MS, () => {
      this.#lookLater();
      void this.#look({ isAsked: false });
    });
  }

  #look({ isAsked }: { readonly isAsked: boolean }): Promise<void> {
    this.#last = this.#last.then(async () => {
      for (const watched of [...this.#watched]) {
        const contents = contentsOf(watched.files);
        const isSame = contents === watched.seen;
        watched.seen = contents;
        if (!isSame || (isAsked && !watched.isUsed)) await this.#reload(watched);
        else if (isAsked) {
          const { name } = watched;
          this.#logger.info("{name} has not changed", { event: "reload.unchanged", name });
        }
      }
    });
    return this.#last;
  }

  async #reload(watched: Watched): Promise<void> {
    const { name, callback } = watched;
    try {
      await callback();
      watched.isUsed = true;
      this.#logger.info("{name} was replaced: the new one is in use", { event: "reload.done", name });
    } catch (error) {
      watched.isUsed = false;
      this.#logger.error("{name} was replaced, but can't be used: {reason}. The one in use stays", {
        ...{ event: "reload.refused", name, reason: messageOf(error) },
      });
    }
  }
}

/** Returns whether a replica has files to look at, so that SIGHUP means to reload them and not to stop. */
export function hasReloads({ secretFile, tlsCertFile, tlsCaFile }: Partial<SecurityConfig>): boolean {
  return [secretFile, tlsCertFile, tlsCaFile].some((file) => file !== undefined);
}

/** Returns the contents of files as one text. A file that can't be read has the error's code as its contents. */
function contentsOf(files: readonly string[]): string {
  return JSON.stringify(files.map(contentOf));
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    return `can't be read: ${error instanceof Error && "code" in error ? error.code : messageOf(error)}`;
  }
}
