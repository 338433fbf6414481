import {
  checkLinearizability,
  type LinearizabilityResult,
  type Model,
  type Operation,
  type RevisionedInput,
  type RevisionedOutput,
  revisionedKeyValueModel,
  type Versioned,
} from "../linearizability/index.ts";

type KvOperation = Operation<RevisionedInput, RevisionedOutput>;

/** The form of all written values, so that a value shows which writes made it, in which order. */
const written = /[pa]\d+;\.*/g;

/**
 * Checks a history of the store. Each value is written once, so a history can be simplified, and the checker reaches
 * the same verdict sooner:
 *
 * - A write of unknown outcome that no read shows is left out. If it took effect, another write hid it before any read,
 * so nothing changes without it.
 * - A value that reads show after another one was appended to that one, and to nothing else.
 */
export function checkKeyValueHistory(
  history: readonly KvOperation[],
): LinearizabilityResult<RevisionedInput, RevisionedOutput> {
  const before = predecessors(history);
  const relevant = history.filter(
    ({ input, output }) => output !== undefined || ("value" in input && before.has(tokenOf(input))),
  );
  const model: Model<Versioned, RevisionedInput, RevisionedOutput> = {
    ...revisionedKeyValueModel,
    step(state, input, output) {
      const follows = input.type === "append" ? before.get(tokenOf(input)) : undefined;
      if (follows !== undefined && !endsWith(state, follows)) return undefined;
      return revisionedKeyValueModel.step(state, input, output);
    },
  };
  return checkLinearizability(relevant, model);
}

/** Returns for each value that a read shows the one before it; empty for none. */
function predecessors(history: readonly KvOperation[]): Map<string, string> {
  const before = new Map<string, string>();
  for (const { input, output } of history) {
    if (output?.type !== "value" || output.value === undefined) continue;
    let last = "";
    for (const [value] of output.value.matchAll(written)) {
      before.set(`${input.key} ${value}`, last);
      last = value;
    }
  }
  return before;
}

function tokenOf(input: RevisionedInput): string {
  return `${input.key} ${"value" in input ? input.value : ""}`;
}

function endsWith({ value }: Pick<Versioned, "value">, follows: string): boolean {
  return follows === "" ? value === undefined : value?.endsWith(follows) === true;
}
