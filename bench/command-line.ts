import { parseArgs } from "node:util";

/** The suite or load to run. */
export type Command =
  | { readonly type: "help" }
  | { readonly type: "list" }
  | { readonly type: "wrong"; readonly why: string }
  | Measure;

export interface Measure {
  readonly type: "measure";
  /** The names of suites. Undefined: all. */
  readonly only: readonly string[] | undefined;
  /** A running durio to measure instead. */
  readonly url: URL | undefined;
  readonly rounds: number;
  readonly seconds: number;
  readonly quick: boolean;
  readonly large: boolean;
  readonly json: boolean;
  readonly markdown: boolean;
}

export const usage = `Measures durio, and etcd if it is installed. Prints the figures, and which goals they reach. Starts everything on this
machine, with data below the directory for temporary files, and removes it at the end.

  npm run bench                            the suites that the goals need, at most 25 minutes
  npm run bench -- --quick                 the same, rougher, at most 4 minutes
  npm run bench -- --only put,get          some suites; some run only by name
  npm run bench -- --only growth-clients,growth-values,growth-replicas,growth-keys,growth-sessions
                                           how the figures grow with each of these
  npm run bench -- --list                  list the suites
  npm run bench -- --url http://HOST:PORT  PUT, GET and /healthz of a running durio; writes 10,000 keys

  --rounds NUMBER    rounds of each figure, the contenders in turn (3; 1 with --quick)
  --seconds NUMBER   duration of each load in seconds (1.5; 0.5 with --quick)
  --large            growth-keys also with ten million keys (7 GiB of memory)
  --markdown         tables for docs/performance.md
  --json             {environment, versions, results, goals} instead of tables
`;

/** @param names those of all suites */
export function commandIn(argv: readonly string[], names: readonly string[]): Command {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        help: { type: "boolean", short: "h", default: false },
        list: { type: "boolean", default: false },
        only: { type: "string" },
        url: { type: "string" },
        rounds: { type: "string" },
        seconds: { type: "string" },
        quick: { type: "boolean", default: false },
        large: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        markdown: { type: "boolean", default: false },
      },
    });
    if (values.help) return { type: "help" };
    if (values.list) return { type: "list" };
    const { quick, large, json, markdown } = values;
    return {
      type: "measure",
      only: values.only === undefined ? undefined : suitesIn(values.only, names),
      url: values.url === undefined ? undefined : urlIn(values.url),
      rounds: numberIn(
        "--rounds",
        values.rounds ?? (quick ? "1" : "3"),
        Number.isInteger,
        "a whole number from 1 on",
      ),
      seconds: numberIn(
        "--seconds",
        values.seconds ?? (quick ? "0.5" : "1.5"),
        Number.isFinite,
        "a number above 0",
      ),
      quick,
      large,
      json,
      markdown,
    };
  } catch (error) {
    return { type: "wrong", why: error instanceof Error ? error.message : String(error) };
  }
}

function suitesIn(list: string, names: readonly string[]): readonly string[] {
  const only = list.split(",");
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new RangeError(`--only: some of ${names.join(",")}, not ${unknown.join(",")}`);
  return only;
}

function urlIn(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol !== "http:") throw new RangeError(`--url: such as http://127.0.0.1:9006, not ${text}`);
  return url;
}

function numberIn(flag: string, text: string, isOne: (number: number) => boolean, allowed: string): number {
  const number = Number(text);
  if (!isOne(number) || number <= 0) throw new RangeError(`${flag}: ${allowed}, not ${text}`);
  return number;
}
