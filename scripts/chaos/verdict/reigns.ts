import type { ChaosOperation } from "../history.ts";
import { tagsIn } from "../history.ts";
import type { Finding } from "./finding.ts";

/**
 * The values between one put (or the empty value at the start) and the next: the tags that gets observed, in order. No
 * value occurs in two reigns, because each put writes a unique tag.
 */
export interface Reign {
  /** Undefined for the start. */
  readonly head: ChaosOperation | undefined;
  /** The longest sequence of appends that a get observed. */
  appends: readonly ChaosOperation[];
}

export interface ShownGet {
  readonly get: ChaosOperation;
  readonly reign: Reign;
  /** Number of the reign's appends that it observed. */
  readonly length: number;
}

export interface Observations {
  readonly reigns: readonly Reign[];
  readonly gets: readonly ShownGet[];
  readonly findings: readonly Finding[];
}

/** Parses the values that gets returned. Impossible values become findings and are left out. */
export function observe(history: readonly ChaosOperation[]): Observations {
  const writers = new Map<string, ChaosOperation>();
  for (const write of history) if (write.action.type !== "get") writers.set(write.action.tag, write);
  const start: Reign = { head: undefined, appends: [] };
  const reigns = new Map<ChaosOperation | undefined, Reign>([[undefined, start]]);
  const gets: ShownGet[] = [];
  const findings: Finding[] = [];
  for (const get of history) {
    if (get.action.type !== "get" || get.outcome !== "ok") continue;
    const shown = readValue(get, writers);
    if ("kind" in shown) {
      findings.push(shown);
      continue;
    }
    const [first] = shown;
    const head = first?.action.type === "put" ? first : undefined;
    const reign = reigns.get(head) ?? { head, appends: [] };
    reigns.set(head, reign);
    const appends = head === undefined ? shown : shown.slice(1);
    if (appends.length > reign.appends.length) {
      if (!isPrefix(reign.appends, appends)) findings.push(twoOrders(get));
      reign.appends = appends;
    } else if (!isPrefix(appends, reign.appends)) {
      findings.push(twoOrders(get));
      continue;
    }
    gets.push({ get, reign, length: appends.length });
  }
  findings.push(...inTwoReigns([...reigns.values()]));
  return { reigns: [...reigns.values()], gets, findings };
}

function readValue(
  get: ChaosOperation,
  writers: ReadonlyMap<string, ChaosOperation>,
): readonly ChaosOperation[] | Finding {
  const tags = tagsIn(get.value ?? "");
  if (tags === undefined) return finding("illegal", get, "shows a value that no client wrote");
  const shown: ChaosOperation[] = [];
  for (const tag of tags) {
    const write = writers.get(tag);
    if (write === undefined) return finding("illegal", get, `shows ${tag}, which no client wrote to it`);
    if (write.outcome === "none")
      return finding("ghost", get, `shows ${tag}, which was answered none (${write.end})`);
    if (write.callAt > get.returnAt) return finding("illegal", get, `shows ${tag} before it was written`);
    if (shown.includes(write)) return finding("double", get, `shows ${tag} twice`);
    if (write.action.type === "put" && shown.length > 0)
      return finding("illegal", get, `shows the put ${tag} after others`);
    shown.push(write);
  }
  return shown;
}

function isPrefix(short: readonly ChaosOperation[], long: readonly ChaosOperation[]): boolean {
  return short.every((write, at) => long[at] === write);
}

function twoOrders(get: ChaosOperation): Finding {
  return finding("illegal", get, "shows appends in another order than another get, or without one of them");
}

function inTwoReigns(reigns: readonly Reign[]): Finding[] {
  const seen = new Set<ChaosOperation>();
  return reigns.flatMap(({ appends }) =>
    appends.flatMap((append): Finding[] => {
      if (!seen.has(append)) {
        seen.add(append);
        return [];
      }
      const { key, action } = append;
      const tag = action.type === "get" ? "" : action.tag;
      return [{ kind: "double", text: `${key}: ${tag} was seen after two different puts` }];
    }),
  );
}

export function finding(
  kind: Finding["kind"],
  { key, client, replica, callAt }: ChaosOperation,
  what: string,
): Finding {
  return {
    kind,
    text: `${key}: the get of ${client} at ${replica}, ${(callAt / 1000).toFixed(3)} s, ${what}`,
  };
}
