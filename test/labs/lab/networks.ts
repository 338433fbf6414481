import type { NetworkClass } from "../../../src/testing/simulator/index.ts";

/** The labs' networks, for one seed. */
export interface LabNetworks {
  readonly reliable: NetworkClass;
  /** Each leg of a call takes 0 to 26 ms; one in ten requests is lost, and one in ten replies. */
  readonly unreliable: NetworkClass;
  /** As `unreliable`, and two thirds of the replies take 200 ms to 2.2 s more. */
  readonly reordering: NetworkClass;
}

/** A call to a stopped replica fails after 0 to 6,999 ms with half of the seeds, and at once with the others. */
export function networksFor(seed: number): LabNetworks {
  const failsAtOnce = seed % 2 === 0;
  const reliable: NetworkClass = {
    delayUs: [50, 500],
    dropPermille: 0,
    duplicatePermille: 0,
    slowPermille: 0,
    slowUs: 0,
    replayPermille: 0,
    crossedPermille: 0,
    refuses: failsAtOnce,
    cutFailsUs: failsAtOnce ? [0, 0] : [0, 6_999_000],
  };
  const unreliable: NetworkClass = { ...reliable, delayUs: [0, 26_000], dropPermille: 100 };
  return { reliable, unreliable, reordering: { ...unreliable, lateReplies: true } };
}
