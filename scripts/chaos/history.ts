import type { ReplicaId } from "./matrix.ts";

/** A client's operation, and what it was told. Times are of one monotonic clock, in ms. */
export interface ChaosOperation {
  readonly client: string;
  readonly replica: ReplicaId;
  readonly key: string;
  readonly action:
    | { readonly type: "get" }
    /** Writes `tag` and a semicolon, which no other operation does. */
    | { readonly type: "put" | "append"; readonly tag: string };
  readonly callAt: number;
  readonly returnAt: number;
  /**
   * `none`: the answer says that it took no effect, or it was never sent. `unknown`: the answer says so, or there was
   * none.
   */
  readonly outcome: "ok" | "none" | "unknown";
  /** What a get that is `ok` was answered. */
  readonly value?: string;
  /** How it ended, in a word: a status, `refused`, `lost`, `timeout`. */
  readonly end: string;
  /** There was no answer in time, and no fault excuses that. */
  readonly isHanging?: true;
}

const tagEnd = ";";
/** Fills values up. */
export const padding = "~";

export function textOf(tag: string, paddingBytes = 0): string {
  return `${tag}${tagEnd}${padding.repeat(paddingBytes)}`;
}

/** The tags in a value; undefined if it is no such value. */
export function tagsIn(value: string): string[] | undefined {
  const text = value.replaceAll(padding, "");
  if (text === "") return [];
  const tags = text.split(tagEnd);
  if (tags.pop() !== "") return undefined;
  return tags.every((tag) => /^[\w.-]+$/.test(tag)) ? tags : undefined;
}
