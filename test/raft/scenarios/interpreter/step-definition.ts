import type { ScenarioCluster } from "./scenario-cluster.ts";

/** One kind of step: its text, its meaning and its effect. */
export interface StepDefinition {
  /** A step's text: `<word>` is a placeholder, `[…]` is optional, `is/are` are alternatives. */
  readonly usage: string;
  readonly meaning: string;
  /** It is expected to change something, so the transcript says if nothing changed. */
  readonly acts?: true;
  /** @throws Error if the step is impossible, or an expectation is not met */
  run(cluster: ScenarioCluster, words: Words): void;
}

/** The pattern of each placeholder. Default: any text. */
const shapes: Readonly<Record<string, string>> = {
  replica: "[a-z0-9-]+",
  replicas: "all|[a-z0-9-]+(?:,? [a-z0-9-]+)*",
  from: "[a-z0-9-]+",
  to: "[a-z0-9-]+",
  number: "\\d+",
  term: "\\d+",
  ms: "\\d+",
  positions: "nothing|\\d+@\\d+(?: \\d+@\\d+)*",
  position: "\\d+@\\d+",
  label: '"[^"]+"',
  role: "follower|pre-candidate|candidate|leader|bootstrapping",
  mode: "probe|replicate|snapshot",
};

/** The values of a step's placeholders. */
export class Words {
  readonly #words: Readonly<Record<string, string | undefined>>;

  constructor(words: Readonly<Record<string, string | undefined>>) {
    this.#words = words;
  }

  get(name: string): string {
    const word = this.#words[name];
    if (word === undefined) throw new Error(`<${name}> is missing`);
    return word;
  }

  maybe(name: string): string | undefined {
    return this.#words[name];
  }

  number(name: string): number {
    return Number(this.get(name));
  }
}

/** Returns the values of a step's placeholders if the step matches the definition. */
export function match({ usage }: StepDefinition, text: string): Words | undefined {
  const found = patternOf(usage).exec(text.replaceAll("<->", "↔").replaceAll("->", "→"));
  return found === null ? undefined : new Words({ ...found.groups });
}

function patternOf(usage: string): RegExp {
  const pattern = usage
    .replace(/[.*+?^${}()|\\]/g, "\\$&")
    .replaceAll("[", "(?:")
    .replaceAll("]", ")?")
    .replace(/\w+(?:\/\w+)+/g, (forms) => `(?:${forms.replaceAll("/", "|")})`)
    .replace(/<(\w+)>/g, (_, name: string) => `(?<${name}>${shapes[name] ?? ".+?"})`);
  return new RegExp(`^${pattern}$`);
}
