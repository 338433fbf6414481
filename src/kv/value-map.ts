import { EmptyBTree, simpleComparator } from "sorted-btree";

// The library is CommonJS: its default import differs between Node and Bun, its named ones do not.
const BTree = EmptyBTree.constructor as typeof import("sorted-btree").default;

/** What is kept under a key. Never changed: the next write puts another in its place. */
export interface StoredValue {
  /** To be treated as read-only: it is the store's own, for a copy on each read would cost more than the read. */
  readonly value: Uint8Array;
  /** The index of the log entry that wrote it. */
  readonly revision: number;
}

/** Values by key, in the order of the keys. */
export interface ValueMap {
  readonly size: number;
  get(key: string): StoredValue | undefined;
  set(key: string, value: StoredValue): boolean;
  entries(): IterableIterator<[string, StoredValue]>;
  /** An independent copy, in O(1): the two share what neither changes. */
  clone(): ValueMap;
}

export function emptyValueMap(): ValueMap {
  return new BTree<string, StoredValue>(undefined, simpleComparator);
}
