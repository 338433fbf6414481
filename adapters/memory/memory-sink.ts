import type { SnapshotSink } from "../../src/ports/index.ts";
import type { CallQueue } from "../shared/index.ts";

/** Collects the chunks of a snapshot and hands them to `commit` as one. */
export function memorySink(calls: CallQueue, commit: (bytes: Uint8Array) => Promise<void>): SnapshotSink {
  let chunks: Uint8Array[] | undefined = [];
  return {
    write: (chunk) =>
      calls.run(() => {
        if (!chunks) throw new TypeError("the snapshot was committed or aborted: write() came too late");
        chunks.push(chunk.slice());
      }),
    commit: () =>
      calls.run(() => {
        if (!chunks) throw new TypeError("the snapshot was committed or aborted: commit() came too late");
        const bytes = joined(chunks);
        chunks = undefined;
        return commit(bytes);
      }),
    // A persister that failed or was disposed has no more use for the chunks either.
    abort: () =>
      calls
        .run(() => {
          chunks = undefined;
        })
        .catch(() => {}),
  };
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let end = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, end);
    end += chunk.length;
  }
  return bytes;
}
