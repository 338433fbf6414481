import type { Stage } from "./stage.ts";

/** One kind of directive: how it is written, what it means, and what it does. */
export interface Direction {
  /** `<word>` stands for what the play fills in, `[…]` may be left out, of `is/are` one is said. */
  readonly usage: string;
  readonly meaning: string;
  /** It makes something happen: that nothing did is worth a line. */
  readonly acts?: true;
  /** @throws if the play asks for what can't be done, or expects what is not so */
  run(stage: Stage, words: Words): void;
}

/** What each placeholder may stand for; any text where it is not named here. */
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

/** What the play filled in for the placeholders. */
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

/** The words of a directive, where it is written as a direction's usage says. */
export function match({ usage }: Direction, text: string): Words | undefined {
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
