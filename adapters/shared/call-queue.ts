import { PersisterError } from "../../src/ports/index.ts";

/** Runs a persister's calls one after another. After a failure all further calls fail with the same error. */
export class CallQueue {
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;
  #failure: PersisterError | undefined;

  /** Runs a call after all earlier ones. After the first failure it rejects with that failure. */
  async run<T>(call: () => Promise<T> | T): Promise<T> {
    this.assertOpen();
    return this.#enqueue(() => {
      if (this.#failure) throw this.#failure;
      return call();
    });
  }

  /**
   * Runs work that must not be retried after a failure: its error becomes the error of every later call, except for the
   * reason `full`.
   */
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
   * Rejects new calls and runs `release` once those in flight have ended. Further closes share the result of the first.
   *
   * @param release gets whether everything succeeded so far
   */
  close(release: (healthy: boolean) => Promise<void>): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#last = this.#enqueue(() => release(this.#failure === undefined));
    }
    return this.#last.then(() => {});
  }

  /** @throws PersisterError `closed` if the persister was disposed */
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

/** Returns advice for a system error: blames the device only if there is no simpler cause. */
function adviceFor(error: unknown): string {
  switch (error instanceof Error && "code" in error ? error.code : undefined) {
    case "EEXIST":
    case "ENOTDIR":
      return "a file has the name of the directory: choose another directory";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "permission denied: give the replica write permission, or choose another directory";
    default:
      return "the replica stops writing: check the device, then restart the replica";
  }
}
