/** An operation on a store whose keys have revisions. */
export type RevisionedInput =
  | { readonly type: "get"; readonly key: string }
  | { readonly type: "put"; readonly key: string; readonly value: string }
  | { readonly type: "append"; readonly key: string; readonly value: string }
  /** Puts the value if the key's revision is the expected one; 0 if nothing was written. */
  | { readonly type: "cas"; readonly key: string; readonly expectedRevision: number; readonly value: string };

/** The result of an operation on a store whose keys have revisions. */
export type RevisionedOutput =
  /** The reply to a get: the last write's value and revision, or undefined and 0 before the first. */
  | { readonly type: "value"; readonly value: string | undefined; readonly revision: number }
  /** The reply to a put, an append, and a successful compare-and-set: the revision of this write. */
  | { readonly type: "written"; readonly revision: number }
  /** The reply to a compare-and-set that found another revision, with that revision if known. */
  | { readonly type: "mismatch"; readonly revision?: number };

export function describeInput(input: RevisionedInput): string {
  switch (input.type) {
    case "get":
      return "get";
    case "cas":
      return `cas @${input.expectedRevision} ${JSON.stringify(input.value)}`;
    default:
      return `${input.type} ${JSON.stringify(input.value)}`;
  }
}

export function describeOutput(output: RevisionedOutput | undefined): string {
  switch (output?.type) {
    case undefined:
      return " → ?";
    case "value":
      return ` → ${output.value === undefined ? "nothing" : JSON.stringify(output.value)} @${output.revision}`;
    case "written":
      return ` → @${output.revision}`;
    case "mismatch":
      return output.revision === undefined ? " → mismatch" : ` → mismatch @${output.revision}`;
  }
}
