/** Returns the wall time in ISO 8601, for people to read. Nothing else depends on it. */
export function wallTime(): string {
  return new Date().toISOString();
}
