/** The names and addresses that a replica answers to. */
export interface HostNames {
  /**
   * Names and addresses by which clients and peers reach this replica, without ports. IPv6 addresses have no brackets.
   */
  readonly names: readonly string[];
  /** Returns the current addresses of this machine. Set if the replica listens on all of them. */
  readonly ownAddresses?: () => readonly string[];
}

const form = /^(?:([A-Za-z0-9._-]+)|\[([0-9A-Fa-f:.]+)\])(?::\d{1,5})?$/;
const loopback = /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|::1)$/;

/**
 * Distinguishes this replica's hosts from foreign names that resolve to its address. After DNS rebinding, a web page is
 * recognized by its foreign name.
 */
export class Hosts {
  readonly #names: ReadonlySet<string>;
  readonly #ownAddresses: () => readonly string[];
  /** `Host` headers that were accepted, as received. Bounded, because only the replica's own names get in. */
  readonly #known = new Set<string>();

  constructor({ names, ownAddresses = () => [] }: HostNames) {
    this.#names = new Set(names.map(canonical));
    this.#ownAddresses = ownAddresses;
  }

  /** Checks a `Host` header. `unusable` if it is not a name or address with an optional port. */
  check(host: string): "own" | "foreign" | "unusable" {
    if (this.#known.has(host)) return "own";
    const [, name, address] = form.exec(host) ?? [];
    const given = name ?? address;
    if (given === undefined) return "unusable";
    const hostname = canonical(given);
    if (!loopback.test(hostname) && !this.#names.has(hostname) && !this.#isOwnAddress(hostname))
      return "foreign";
    if (this.#known.size < maxKnown) this.#known.add(host);
    return "own";
  }

  /** All allowed names, for messages. */
  toString(): string {
    return ["localhost", ...new Set([...this.#names, ...this.#ownAddresses()])].join(", ");
  }

  #isOwnAddress(hostname: string): boolean {
    return /^[\d.]+$|:/.test(hostname) && this.#ownAddresses().map(canonical).includes(hostname);
  }
}

const maxKnown = 64;

/** Returns the canonical form of a name or an address. */
function canonical(hostname: string): string {
  const lower = hostname.toLowerCase().replace(/\.$/, "");
  if (!lower.includes(":")) return lower;
  const url = `http://[${lower.replace(/%.*$/, "")}]`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : lower;
}
