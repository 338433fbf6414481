/** Prints rows below their heads, in columns of equal width. */
export function printTable(heads: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [heads, ...rows].map((row) => row.map(printable));
  const widths = heads.map((_, at) => all.reduce((width, row) => Math.max(width, row[at]?.length ?? 0), 0));
  for (const row of all) {
    console.log(
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
}

/** Hides control characters, which a terminal would obey. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "\u{fffd}");
}
