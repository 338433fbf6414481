/** One thing that every implementation of a port does, tried on a fixture of its own. Knows no test runner. */
export interface ConformanceCase<Fixture> {
  /** A sentence about behaviour. */
  readonly name: string;
  /** Rejects where the implementation behaves otherwise. */
  run(fixture: Fixture): Promise<void>;
}
