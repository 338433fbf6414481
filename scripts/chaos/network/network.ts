import type { ReplicaId } from "../matrix.ts";

/** An end of a link: a replica, or the NATS server. */
export type Endpoint = ReplicaId | "nats";

export interface LinkSpeed {
  /** In each direction, in ms. */
  readonly delayMs: number;
  /** Shared by all connections of the link. */
  readonly bytesPerSecond: number;
}

/** Connects replicas with each other, with NATS and with clients. Links to clients never fail. */
export interface Network extends AsyncDisposable {
  /** The address of a replica for clients. */
  clientAddress(id: ReplicaId): Address;
  /** The address on which a replica listens. */
  listenAddress(id: ReplicaId): Address;
  /** The address of `to` for `from`. */
  address(from: ReplicaId, to: Endpoint): Address;
  natsListenAddress(): Address;
  /** A command prefix that runs a program at an endpoint, and becomes that program. */
  around(endpoint: Endpoint): readonly string[];
  /** Drops everything from `from` to `to` without an error, until it is healed. */
  cut(links: readonly Link[]): void;
  heal(links: readonly Link[]): void;
  /** Makes links slow in both directions; undefined ends that. Only if `canSlow`. */
  slow(links: readonly Link[], speed: LinkSpeed | undefined): void;
  readonly canSlow: boolean;
}

/** One direction between two endpoints. */
export interface Link {
  readonly from: Endpoint;
  readonly to: Endpoint;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export function urlOf({ host, port }: Address): string {
  return `http://${host}:${port}`;
}

/** Returns both directions between each of some endpoints and each of others. */
export function linksBetween(some: readonly Endpoint[], others: readonly Endpoint[]): Link[] {
  return some.flatMap((a) =>
    others.flatMap((b) =>
      a === b
        ? []
        : [
            { from: a, to: b },
            { from: b, to: a },
          ],
    ),
  );
}

export function nameOf({ from, to }: Link): string {
  return `${from}>${to}`;
}
