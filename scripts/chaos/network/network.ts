import type { ReplicaId } from "../matrix.ts";

/** Where a link begins or ends: a replica, or the NATS server. */
export type Endpoint = ReplicaId | "nats";

export interface LinkSpeed {
  /** In each direction, in ms. */
  readonly delayMs: number;
  /** Shared by all connections of the link. */
  readonly bytesPerSecond: number;
}

/** What connects replicas with each other, with NATS and with clients. Links to clients never fail. */
export interface Network extends AsyncDisposable {
  /** Where a client reaches a replica. */
  clientAddress(id: ReplicaId): Address;
  /** Where a replica listens. */
  listenAddress(id: ReplicaId): Address;
  /** Where `from` reaches `to`. */
  address(from: ReplicaId, to: Endpoint): Address;
  natsListenAddress(): Address;
  /** What runs a program at an endpoint; it becomes that program. */
  around(endpoint: Endpoint): readonly string[];
  /** Nothing that `from` sends reaches `to`, until it is healed. Nobody is told. */
  cut(links: readonly Link[]): void;
  heal(links: readonly Link[]): void;
  /** Makes links slow, both ways; undefined ends that. Only if `canSlow`. */
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

/** Both directions between each of some endpoints and each of others. */
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
