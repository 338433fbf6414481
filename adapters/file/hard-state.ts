import { type HardState, type ReplicaId, replicaId } from "../../src/raft/index.ts";
import { getUint64, setUint64 } from "./uint64.ts";

/*
 * The hard state within a record: 1 whether there is one | term 8 | count of names 1 | each name: length 1, text.
 * The first name is the vote, empty for none; those after it are the counted peers.
 */
const bareBytes = 10;

/** The largest possible hard state: a vote, and the eight other voters of nine. */
export const largestHardStateBytes: number = bareBytes + 9 * 33;

export function hardStateBytes(hardState: HardState | undefined): number {
  if (!hardState) return 1;
  return namesOf(hardState).reduce((sum, name) => sum + 1 + name.length, bareBytes);
}

/** @returns the offset after it */
export function writeHardState(view: DataView, start: number, hardState: HardState | undefined): number {
  view.setUint8(start, hardState ? 1 : 0);
  if (!hardState) return start + 1;
  const names = namesOf(hardState);
  setUint64(view, start + 1, hardState.currentTerm);
  view.setUint8(start + 9, names.length);
  let offset = start + bareBytes;
  for (const name of names) {
    view.setUint8(offset++, name.length);
    for (let i = 0; i < name.length; i++) view.setUint8(offset++, name.charCodeAt(i));
  }
  return offset;
}

/** @throws RangeError if the bytes make no sense */
export function readHardState(
  view: DataView,
  start: number,
): { readonly hardState: HardState | undefined; readonly end: number } {
  if (view.getUint8(start) === 0) return { hardState: undefined, end: start + 1 };
  const names: string[] = [];
  let end = start + bareBytes;
  for (let left = view.getUint8(start + 9); left > 0; left--) {
    const length = view.getUint8(end++);
    names.push(Array.from({ length }, (_, i) => String.fromCharCode(view.getUint8(end + i))).join(""));
    end += length;
  }
  const [vote = "", ...countedPeers] = names;
  const votedFor = vote === "" ? undefined : replicaId(vote);
  const currentTerm = getUint64(view, start + 1);
  return { hardState: { currentTerm, votedFor, countedPeers: countedPeers.map(replicaId) }, end };
}

function namesOf({ votedFor, countedPeers }: HardState): readonly (ReplicaId | "")[] {
  return [votedFor ?? "", ...countedPeers];
}
