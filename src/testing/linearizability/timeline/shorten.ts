/** Shortens a text in the middle, because both ends of a value that grew by appends are informative. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const start = Math.ceil((length - 1) / 3);
  return `${text.slice(0, start)}…${text.slice(text.length - (length - 1 - start))}`;
}
