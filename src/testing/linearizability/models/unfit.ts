/** Creates the error for an output that no operation with this input can have: the history was recorded wrongly. */
export function unfit(input: { readonly type: string }, output: { readonly type: string }): TypeError {
  return new TypeError(`output: one that answers "${input.type}", not "${output.type}"`);
}
