import { type Transport, TransportError, type TransportFailure } from "../../../ports/index.ts";
import { type ReplicaId, replicaId } from "../../../raft/index.ts";
import type { SealOptions } from "../../../rpc/index.ts";
import { assert, assertRejects } from "../../assert.ts";
import type { ConformanceCase } from "../conformance-case.ts";

/** A network of three replicas, of which none is up yet, on the transport that is tested. */
export interface TransportFixture extends AsyncDisposable {
  readonly clusterId: string;
  /** Brings up `n1`, `n2` or `n3`; again after `stop`. Without `sealing` its messages have no seal. */
  start(id: ReplicaId, sealing?: SealOptions): Promise<Transport>;
  /** Removes a replica from the network in any state, as the end of its process would. */
  stop(id: ReplicaId): Promise<void>;
  /** Sends bytes to a replica as if they were a call of this service; returns those of the answer. */
  sendRaw(to: ReplicaId, service: string, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
  /** Throws if a timer, a socket or a listener is left after every replica was stopped. */
  assertNothingOpen(): Promise<void>;
}

/** One case of the transports' conformance suite. */
export type TransportCase = ConformanceCase<TransportFixture>;

export const n1: ReplicaId = replicaId("n1");
export const n2: ReplicaId = replicaId("n2");
export const n3: ReplicaId = replicaId("n3");

/** A wait without an end. */
export function patient(): AbortSignal {
  return new AbortController().signal;
}

/** Something that happens once, to be waited for. */
export interface Happening {
  readonly promise: Promise<void>;
  readonly happens: () => void;
}

export function happening(): Happening {
  let happens = (): void => {};
  const promise = new Promise<void>((resolve) => {
    happens = resolve;
  });
  return { promise, happens };
}

/** Calls until there is a reply: a transport may lose a call, but not each of many. */
export async function untilReplied(call: () => Promise<Uint8Array>): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof TransportError) || attempt === 10) throw error;
    }
  }
}

/** Waits for a call to fail, and makes sure that it does so in one of the ways allowed. */
export async function assertFails(
  call: Promise<unknown>,
  ...allowed: readonly TransportFailure[]
): Promise<void> {
  const error = await assertRejects(call, "the call should fail");
  assert(error instanceof TransportError, `a call fails with a TransportError, not ${String(error)}`);
  assert(allowed.includes(error.reason), `${error.reason} is not ${allowed.join(" or ")}: ${error.message}`);
}
