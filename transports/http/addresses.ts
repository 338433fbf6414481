/** Finds the addresses of a name, the preferred one first. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** Least time between two lookups of a name, in ms. */
const LOOKUP_INTERVAL_MS = 2_000;

/**
 * Limit of lookups in flight. On Node each occupies one of the four threads that also serve files, for up to half a minute if
 * the name server does not answer. Three, so that two hanging names of a cluster of five don't block the other names.
 */
const MAX_LOOKUPS = 3;

/** A name and its addresses. */
class Name {
  readonly name: string;
  /** The result of the last successful lookup. */
  addresses: readonly string[] = [];
  /** The index in `addresses` of the address in use. */
  current = 0;
  /** Whether a response came from the address in use since its last failure. */
  proven = false;
  /** The error of the last lookup; undefined if that succeeded or has not ended. */
  error: unknown;
  /** End of the last lookup, in ms. */
  lookedUpMs: number = Number.NEGATIVE_INFINITY;
  /** Resolves when the queued or running lookup has ended; undefined without one. */
  lookup: Promise<void> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get address(): string | undefined {
    return this.addresses[this.current];
  }
}

/**
 * The addresses of names. After the first lookup of a name, calls never wait for another. The address stays in use as long as
 * it works, and a failure starts a lookup in the background. So a name server that does not answer delays only calls to names
 * that were never resolved.
 */
export class Addresses {
  readonly #resolve: Resolve;
  readonly #now: () => number;
  readonly #names = new Map<string, Name>();
  readonly #queue: (() => Promise<void>)[] = [];
  #lookupsInFlight = 0;
  #closed = false;

  /** @param now a monotonic clock, in ms */
  constructor(resolve: Resolve, now: () => number = () => performance.now()) {
    this.#resolve = resolve;
    this.#now = now;
  }

  /**
   * The current address of a name; a promise only if the name was never resolved.
   *
   * @param signal ends the wait for the first lookup
   * @throws the resolver's error, or the reason of the signal
   */
  of(hostname: string, signal: AbortSignal): string | Promise<string> {
    const name = this.#name(hostname);
    return name.address ?? this.#firstOf(name, signal);
  }

  /** A response came from an address. */
  worked(hostname: string, address: string): void {
    const name = this.#name(hostname);
    if (name.address === address) name.proven = true;
  }

  /** No response came from an address: the name may have another one now. */
  failed(hostname: string, address: string): void {
    const name = this.#name(hostname);
    if (name.address !== address) return;
    // One broken connection says little about an address that has worked; a second failure in a row does.
    if (!name.proven) name.current = (name.current + 1) % name.addresses.length;
    name.proven = false;
    this.#lookUp(name);
  }

  /** Something other than the peer responded: the name may have another address now. */
  suspect(hostname: string): void {
    const { address } = this.#name(hostname);
    if (address !== undefined) this.failed(hostname, address);
  }

  /** Starts no more lookups. */
  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
  }

  #name(hostname: string): Name {
    let name = this.#names.get(hostname);
    if (name === undefined) {
      name = new Name(hostname);
      this.#names.set(hostname, name);
    }
    return name;
  }

  async #firstOf(name: Name, signal: AbortSignal): Promise<string> {
    this.#lookUp(name);
    if (name.lookup !== undefined) await unlessEnded(name.lookup, signal);
    if (name.address !== undefined) return name.address;
    throw name.error ?? new Error(`${name.name} has no address`);
  }

  #lookUp(name: Name): void {
    if (this.#closed || name.lookup !== undefined) return;
    if (this.#now() - name.lookedUpMs < LOOKUP_INTERVAL_MS) return;
    name.lookup = new Promise((resolve) => {
      this.#queue.push(() => this.#run(name).then(resolve));
    });
    this.#next();
  }

  #next(): void {
    if (this.#lookupsInFlight >= MAX_LOOKUPS) return;
    const lookup = this.#queue.shift();
    if (lookup === undefined) return;
    this.#lookupsInFlight++;
    lookup().finally(() => {
      this.#lookupsInFlight--;
      this.#next();
    });
  }

  async #run(name: Name): Promise<void> {
    try {
      const found = await this.#resolve(name.name);
      if (found.length > 0) adopt(name, found);
      name.error = undefined;
    } catch (error) {
      // The known addresses stay in use, because it may be the name server that failed.
      name.error = error;
    }
    name.lookedUpMs = this.#now();
    name.lookup = undefined;
  }
}

/** Keeps the address in use if the name still has it. */
function adopt(name: Name, found: readonly string[]): void {
  const kept = name.address === undefined ? -1 : found.indexOf(name.address);
  name.addresses = found;
  name.current = Math.max(kept, 0);
  if (kept === -1) name.proven = false;
}

/** Waits for a promise that can't be cancelled, until the signal ends. */
function unlessEnded(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => reject(signal.reason);
    if (signal.aborted) return end();
    signal.addEventListener("abort", end, { once: true });
    wait.then(() => {
      signal.removeEventListener("abort", end);
      resolve();
    });
  });
}
