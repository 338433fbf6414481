import type { SnapshotSink } from "../../src/ports/index.ts";
import type { CallQueue } from "../shared/index.ts";

/** Collects the chunks of a snapshot and passes them to `commit` as one buffer. */
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
    // After a failure or a dispose there is nothing left to abort.
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
