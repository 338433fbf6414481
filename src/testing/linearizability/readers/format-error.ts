/** A recorded history that cannot be read. Names the file, the line and what was expected there. */
export class HistoryFormatError extends Error {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly expected: string;

  constructor(place: { readonly file: string; readonly line: number }, expected: string, found: string) {
    const shown = found.length > 100 ? `${found.slice(0, 100)}…` : found;
    super(`${place.file}:${place.line}: expected ${expected}, found ${JSON.stringify(shown)}`);
    this.name = "HistoryFormatError";
    this.file = place.file;
    this.line = place.line;
    this.expected = expected;
  }
}
