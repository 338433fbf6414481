/** A long text without its middle: of values that grew by appending, both ends tell. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const start = Math.ceil((length - 1) / 3);
  return `${text.slice(0, start)}…${text.slice(text.length - (length - 1 - start))}`;
}
