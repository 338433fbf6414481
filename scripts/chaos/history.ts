import type { ReplicaId } from "./matrix.ts";

/** A client's operation and its result. Times are in ms on one monotonic clock. */
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
   * `none`: the answer says that it had no effect, or it was never sent. `unknown`: the answer says so, or there was
   * none.
   */
  readonly outcome: "ok" | "none" | "unknown";
  /** The result of a successful get. */
  readonly value?: string;
  /** The outcome in one word: a status, `refused`, `lost`, `timeout`. */
  readonly end: string;
  /** Whether it had no answer in time, and no fault explains that. */
  readonly isHanging?: true;
}

const tagEnd = ";";
/** Pads values. */
export const padding = "~";

export function textOf(tag: string, paddingBytes = 0): string {
  return `${tag}${tagEnd}${padding.repeat(paddingBytes)}`;
}

/** Returns the tags in a value, or undefined if it is not such a value. */
export function tagsIn(value: string): string[] | undefined {
  const text = value.replaceAll(padding, "");
  if (text === "") return [];
  const tags = text.split(tagEnd);
  if (tags.pop() !== "") return undefined;
  return tags.every((tag) => /^[\w.-]+$/.test(tag)) ? tags : undefined;
}
