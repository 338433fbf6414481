import * as v from "valibot";
import { isReplicaId, type ReplicaId } from "../raft/index.ts";

/** The text of a flag, and what it stands for. */
export type Flag<Value> = v.GenericSchema<string, Value>;

export interface Range {
  readonly min: number;
  readonly max: number;
}

export interface Address {
  /** An IPv6 address stands without brackets. */
  readonly hostname: string;
  readonly port: number;
}

/** A flag that `parse` understands, or answers with undefined; `allowed` says what it understands. */
export function flag<Value>(allowed: string, parse: (text: string) => Value | undefined): Flag<Value> {
  return v.pipe(
    v.string(),
    v.rawTransform<string, Value>(({ dataset, addIssue, NEVER }) => {
      const value = parse(dataset.value);
      if (value !== undefined) return value;
      addIssue({ message: `${allowed}, not ${JSON.stringify(dataset.value)}` });
      return NEVER;
    }),
  );
}

export const idFlag: Flag<ReplicaId> = flag('1 to 32 characters of a-z, 0-9 and "-"', (text) =>
  isReplicaId(text) ? text : undefined,
);

export const pathFlag: Flag<string> = flag("a path", (text) => (text === "" ? undefined : text));

export function oneOf<const Name extends string>(...names: readonly Name[]): Flag<Name> {
  return flag(listed(names), (text) => names.find((name) => name === text));
}

export function wholeNumber(min: number, max: number): Flag<number> {
  return flag(`a whole number from ${min} to ${max}`, (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  });
}

export const rangeFlag: Flag<Range> = flag('MIN-MAX, MIN being the lesser, such as "300-600"', (text) => {
  const [, min, max] = /^(\d{1,9})-(\d{1,9})$/.exec(text) ?? [];
  return Number(min) < Number(max) ? { min: Number(min), max: Number(max) } : undefined;
});

/** Port 0 takes any that is free. */
export const addressFlag: Flag<Address> = flag(
  'HOST:PORT, such as "127.0.0.1:9006" or "[::1]:9006"',
  (text) => {
    const [, v6, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text) ?? [];
    const hostname = v6 ?? name;
    const port = Number(digits);
    return hostname === undefined || port > 65535 ? undefined : { hostname, port };
  },
);

/** The base URLs of replicas, none of them twice. */
export const peersFlag: Flag<ReadonlyMap<ReplicaId, string>> = flag(
  'ID=URL for each of 1 to 9 replicas, once, such as "n1=http://10.0.0.1:9006,n2=http://10.0.0.2:9006"',
  (text) => {
    const peers = new Map<ReplicaId, string>();
    const items = text.split(",");
    for (const item of items) {
      const [, id, url] = /^([^=]+)=(.+)$/.exec(item.trim()) ?? [];
      if (id !== undefined && isReplicaId(id) && url !== undefined && isBaseUrl(url))
        peers.set(id, new URL(url).origin);
    }
    const distinct = new Set(peers.values());
    return items.length <= 9 && peers.size === items.length && distinct.size === items.length
      ? peers
      : undefined;
  },
);

function isBaseUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
}

/** `a, b or c` */
function listed(names: readonly string[]): string {
  return names.join(", ").replace(/, ([^,]*)$/, " or $1");
}
