/**
 * Runs all steps of a stop in order, also after one that throws.
 *
 * @throws what the first of them throws
 */
export function runAll(steps: readonly (() => void)[]): void {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      step();
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw failures[0];
}
