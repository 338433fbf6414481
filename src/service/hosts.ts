/** Which names and addresses a replica answers to. */
export interface HostNames {
  /** Names and addresses by which clients and peers reach this replica, without ports; addresses of IPv6 without brackets. */
  readonly names: readonly string[];
  /** The addresses of this machine at present, if the replica listens on all of them. */
  readonly ownAddresses?: () => readonly string[];
}

const form = /^(?:([A-Za-z0-9._-]+)|\[([0-9A-Fa-f:.]+)\])(?::\d{1,5})?$/;
const loopback = /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|::1)$/;

/**
 * Tells hosts that are this replica from names that only lead here. A web page whose own name was pointed to this address
 * afterwards (DNS rebinding) is known by its name.
 */
export class Hosts {
  readonly #names: ReadonlySet<string>;
  readonly #ownAddresses: () => readonly string[];
  /** `Host` headers that were found right, as they came. Names alone make a few; nobody else adds to them. */
  readonly #known = new Set<string>();

  constructor({ names, ownAddresses = () => [] }: HostNames) {
    this.#names = new Set(names.map(canonical));
    this.#ownAddresses = ownAddresses;
  }

  /** Looks at a `Host` header: `unusable` if it is no name or address with a port or without. */
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

  /** All that is allowed, for people. */
  toString(): string {
    return ["localhost", ...new Set([...this.#names, ...this.#ownAddresses()])].join(", ");
  }

  #isOwnAddress(hostname: string): boolean {
    return /^[\d.]+$|:/.test(hostname) && this.#ownAddresses().map(canonical).includes(hostname);
  }
}

const maxKnown = 64;

/** One way of writing a name or an address. */
function canonical(hostname: string): string {
  const lower = hostname.toLowerCase().replace(/\.$/, "");
  if (!lower.includes(":")) return lower;
  const url = `http://[${lower.replace(/%.*$/, "")}]`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : lower;
}
