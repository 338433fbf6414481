import { PersisterError } from "../../src/ports/index.ts";

/** Runs the calls of a persister one after another, and keeps the reason why there may be no more of them. */
export class CallQueue {
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;
  #failure: PersisterError | undefined;

  /** Runs a call once all earlier ones have ended. A call after the first failure rejects with that failure. */
  async run<T>(call: () => Promise<T> | T): Promise<T> {
    this.assertOpen();
    return this.#enqueue(() => {
      if (this.#failure) throw this.#failure;
      return call();
    });
  }

  /** Does what may not be tried again: an error in it is the error of every later call, but for the reason `full`. */
  async orFail<T>(task: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof PersisterError && error.reason === "full") throw error;
      this.#failure ??= asFailure(task, error);
      throw this.#failure;
    }
  }

  /**
   * Refuses new calls and runs `release` once those in flight have ended. Every further close ends as the
   * first one does.
   *
   * @param release is told whether all went well until now
   */
  close(release: (healthy: boolean) => Promise<void>): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#last = this.#enqueue(() => release(this.#failure === undefined));
    }
    return this.#last.then(() => {});
  }

  /** @throws PersisterError `closed` after the persister was disposed */
  assertOpen(): void {
    if (this.#closed) throw new PersisterError("closed", "the persister was disposed: open a new one");
  }

  #enqueue<T>(call: () => Promise<T> | T): Promise<T> {
    const result = this.#last.then(call);
    this.#last = result.catch(() => {});
    return result;
  }
}

function asFailure(task: string, error: unknown): PersisterError {
  if (error instanceof PersisterError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new PersisterError("failed", `could not ${task}: ${reason}; ${adviceFor(error)}`, { cause: error });
}

/** What to do about an error of the system: the device is at fault only if nothing simpler is. */
function adviceFor(error: unknown): string {
  switch (error instanceof Error && "code" in error ? error.code : undefined) {
    case "EEXIST":
    case "ENOTDIR":
      return "there is a file in the place of a directory: choose another directory";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "the replica may not write there: give it the right to, or choose another directory";
    default:
      return "nothing more is written: check the device, then start the replica again";
  }
}
