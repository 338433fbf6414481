interface Closable {
  close(): Promise<void>;
}

/**
 * Waits for a connection until the signal ends.
 *
 * @returns the connection; undefined if the signal ended first. A connection that is made after that is closed
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
      // Attempts never end, and each would leave a listener behind.
      .finally(() => signal.removeEventListener("abort", closed));
  });
}
