import type { ServiceHandler, Transport } from "../../../ports/index.ts";
import type { ReplicaId } from "../../../raft/index.ts";
import { patient, type TransportFixture } from "./fixture.ts";

/** The service that the cases ask for. */
export const service = "conformance";

/** The payload of cases whose payload does not matter. */
export const anyRequest: Uint8Array<ArrayBuffer> = Uint8Array.of(1, 2, 3);

/** A payload that distinguishes one reply from another. */
export function numbered(number: number): Uint8Array {
  return Uint8Array.of(number >>> 8, number);
}

/** Brings up a replica that answers the service. */
export async function startServing(
  fixture: TransportFixture,
  id: ReplicaId,
  handler: ServiceHandler,
): Promise<Transport> {
  const transport = await fixture.start(id);
  await transport.serve(service, handler);
  return transport;
}

/** Asks a replica for the service. */
export function ask(caller: Transport, to: ReplicaId, signal: AbortSignal = patient()): Promise<Uint8Array> {
  return caller.call(to, service, anyRequest, signal);
}

/** Keeps every request forever. */
export const silence: ServiceHandler = () => new Promise(() => {});
