/** Finds the addresses of a name, the one to prefer first. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** A name is looked up again after failures, but so often at most, in ms. */
const LOOKUP_INTERVAL_MS = 2_000;

/**
 * Lookups that run at once. On Node each takes one of the four threads that also serve files, until the system gives up,
 * which may take half a minute. Three, so that the two of five replicas that a cluster can do without, if their names hang,
 * don't hold up the names of the others.
 */
const MAX_LOOKUPS = 3;

/** What is known of one name. */
class Name {
  readonly name: string;
  /** As the last lookup that found any had them. */
  addresses: readonly string[] = [];
  /** Which of `addresses` is in use. */
  turn = 0;
  /** The address in use has brought a response since its last failure. */
  proven = false;
  /** Why the last lookup found nothing; undefined if it did, or is under way. */
  error: unknown;
  /** When the last lookup ended, in ms. */
  lookedUpMs: number = Number.NEGATIVE_INFINITY;
  /** Resolves when the lookup that is queued or under way has ended; undefined without one. */
  lookup: Promise<void> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get address(): string | undefined {
    return this.addresses[this.turn];
  }
}

/**
 * The addresses of names. A name that was resolved once costs no call a lookup again: its address stays in use as long as
 * it works, and a failure starts a lookup off the way of calls. So a name server that does not answer delays only calls to
 * names that were never resolved.
 */
export class Addresses {
  readonly #resolve: Resolve;
  readonly #now: () => number;
  readonly #names = new Map<string, Name>();
  readonly #queue: (() => Promise<void>)[] = [];
  #underWay = 0;
  #closed = false;

  /** @param now a monotonic clock, in ms */
  constructor(resolve: Resolve, now: () => number = () => performance.now()) {
    this.#resolve = resolve;
    this.#now = now;
  }

  /**
   * The address to call a name by: at once if the name was ever resolved.
   *
   * @param signal ends the wait for the first lookup
   * @throws what the resolver threw, or the reason of the signal
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

  /** No response came from an address: its name may mean another one by now. */
  failed(hostname: string, address: string): void {
    const name = this.#name(hostname);
    if (name.address !== address) return;
    // A connection that breaks says little of an address that has worked; the second failure in a row does.
    if (!name.proven) name.turn = (name.turn + 1) % name.addresses.length;
    name.proven = false;
    this.#lookUp(name);
  }

  /** What answered was not the peer: its name may mean another address by now. */
  suspect(hostname: string): void {
    const { address } = this.#name(hostname);
    if (address !== undefined) this.failed(hostname, address);
  }

  /** Starts no lookup any more. */
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
    if (this.#underWay >= MAX_LOOKUPS) return;
    const lookup = this.#queue.shift();
    if (lookup === undefined) return;
    this.#underWay++;
    lookup().finally(() => {
      this.#underWay--;
      this.#next();
    });
  }

  async #run(name: Name): Promise<void> {
    try {
      const found = await this.#resolve(name.name);
      if (found.length > 0) adopt(name, found);
      name.error = undefined;
    } catch (error) {
      // What is known of the name stays in use: it may be the name server that is away.
      name.error = error;
    }
    name.lookedUpMs = this.#now();
    name.lookup = undefined;
  }
}

/** The address in use stays so if the name still means it. */
function adopt(name: Name, found: readonly string[]): void {
  const turn = name.address === undefined ? -1 : found.indexOf(name.address);
  name.addresses = found;
  name.turn = Math.max(turn, 0);
  if (turn === -1) name.proven = false;
}

/** Waits for something that nobody can end, until it comes or the signal does. */
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
