/** One required behaviour of an implementation of a port, tested on a fresh fixture. Independent of test runners. */
export interface ConformanceCase<Fixture> {
  /** A sentence about the behaviour. */
  readonly name: string;
  /** Rejects if the implementation behaves differently. */
  run(fixture: Fixture): Promise<void>;
}
