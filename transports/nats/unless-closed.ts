interface Closable {
  close(): Promise<void>;
}

/**
 * Waits for a connection, or for the end of the wait.
 *
 * @returns the connection; undefined if the signal came first. A connection that comes after that is closed
 * @throws what `connecting` rejects with
 */
export function unlessClosed<Connection extends Closable>(
  connecting: Promise<Connection>,
  signal: AbortSignal,
): Promise<Connection | undefined> {
  return new Promise((resolve, reject) => {
    const closed = () => resolve(undefined);
    signal.addEventListener("abort", closed, { once: true });
    connecting
      .then((connection) => {
        if (signal.aborted) void connection.close();
        resolve(signal.aborted ? undefined : connection);
      }, reject)
      // Tries go on for ever, and each would leave a listener behind.
      .finally(() => signal.removeEventListener("abort", closed));
  });
}
