import type { Machine } from "../machine.ts";
import { hashOfBytes } from "../world/index.ts";

/** What is durable on a machine. */
export interface ImageView {
  readonly hardState: unknown;
  readonly snapshot: unknown;
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly lastIndex: number;
}

/**
 * Returns a text of everything that a message could change: the core's state, the durable image, the store, and the number of
 * calls that handlers got.
 */
export function stateOf({ processRun }: Machine<unknown, unknown>, image: ImageView | undefined): string {
  const { replica, transport } = processRun ?? {};
  let store = 0;
  for (const chunk of replica?.state() ?? []) store = hashOfBytes(chunk, store);
  const { hardState, snapshot, prevIndex, prevTerm, lastIndex } = image ?? {};
  const state = [
    [transport?.handled, transport?.judged, store],
    replica?.raft.status(),
    { hardState, snapshot, prevIndex, prevTerm, lastIndex },
  ];
  // The counters of refused messages may change.
  return JSON.stringify(state, (key, value) => (key === "sealing" ? undefined : value));
}
