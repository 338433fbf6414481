import { isIP } from "node:net";
import type { Addresses } from "./addresses.ts";
import { TlsPorts } from "./tls-ports.ts";

/** Where a request goes, taken apart once. */
export interface Target {
  /** What to request if the URL holds an address and no user; else its parts are put together for each address. */
  readonly plainUrl: string | undefined;
  readonly isSecure: boolean;
  /** A name, or an address without brackets. */
  readonly hostname: string;
  readonly isAddress: boolean;
  /** The port in the URL; undefined for the default of its protocol. */
  readonly port: number | undefined;
  readonly path: string;
  /** What a request to the address would not say by itself: `host` of a name, and `authorization` of a user with a password. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The URLs of a cluster's calls, which are few, and the addresses that they lead to. */
export class Targets {
  readonly #addresses: Addresses;
  readonly #tlsPorts = new TlsPorts();
  readonly #known = new Map<string, Target>();

  constructor(addresses: Addresses) {
    this.#addresses = addresses;
  }

  of(url: string): Target {
    let target = this.#known.get(url);
    if (target === undefined) {
      target = targetOf(url);
      this.#known.set(url, target);
    }
    return target;
  }

  /**
   * Runs a request to the address that a target has now, and learns from how it ends.
   *
   * @throws what the lookup of its name or the request throws
   */
  async run<Response>(
    target: Target,
    signal: AbortSignal,
    request: (address: string) => Promise<Response>,
  ): Promise<Response> {
    const { hostname, isAddress } = target;
    const address = isAddress ? hostname : await this.#addresses.of(hostname, signal);
    try {
      const response = await request(address);
      if (!isAddress) this.#addresses.worked(hostname, address);
      return response;
    } catch (error) {
      if (!isAddress) this.#addresses.failed(hostname, address);
      throw this.#tlsPorts.explained(target, address, error);
    }
  }

  /** What answered was not the peer. */
  suspect(url: string): void {
    const { hostname, isAddress } = this.of(url);
    if (!isAddress) this.#addresses.suspect(hostname);
  }

  close(): void {
    this.#addresses.close();
    this.#tlsPorts.close();
  }
}

function targetOf(url: string): Target {
  const { protocol, hostname: bracketed, port, host, pathname, search, username, password } = new URL(url);
  const hostname = bracketed.replace(/^\[|\]$/g, "");
  const isAddress = isIP(hostname) !== 0;
  return {
    plainUrl: isAddress && username === "" ? url : undefined,
    isSecure: protocol === "https:",
    hostname,
    isAddress,
    port: port === "" ? undefined : Number(port),
    path: pathname + search,
    headers: {
      ...(!isAddress && { host }),
      ...(username !== "" && { authorization: basic(username, password) }),
    },
  };
}

function basic(username: string, password: string): string {
  return `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}`;
}

/** A URL that leads to an address instead of a name. */
export function urlOf({ plainUrl, isSecure, port, path }: Target, address: string): string {
  if (plainUrl !== undefined) return plainUrl;
  const host = address.includes(":") ? `[${address}]` : address;
  return `${isSecure ? "https" : "http"}://${host}${port === undefined ? "" : `:${port}`}${path}`;
}
