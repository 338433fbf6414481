import { isIP } from "node:net";
import type { Addresses } from "./addresses.ts";
import { TlsPorts } from "./tls-ports.ts";

/** A parsed URL that requests go to. */
export interface Target {
  /** The URL itself if it contains an address and no user; undefined if a URL is built for each address. */
  readonly plainUrl: string | undefined;
  readonly isSecure: boolean;
  /** A name, or an address without brackets. */
  readonly hostname: string;
  readonly isAddress: boolean;
  /** The port in the URL; undefined for the protocol's default. */
  readonly port: number | undefined;
  readonly path: string;
  /** `host` if the URL contains a name, and `authorization` if it contains a user with a password. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The few URLs that a cluster calls, and their addresses. */
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
   * Runs a request to the target's current address, and reports the outcome to {@link Addresses}.
   *
   * @throws the error of the lookup or of the request
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

  /** Something other than the peer responded at a URL. */
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

/** The target's URL with the address in the place of its name. */
export function urlOf({ plainUrl, isSecure, port, path }: Target, address: string): string {
  if (plainUrl !== undefined) return plainUrl;
  const host = address.includes(":") ? `[${address}]` : address;
  return `${isSecure ? "https" : "http"}://${host}${port === undefined ? "" : `:${port}`}${path}`;
}
