import { peerSeal } from "../../adapters/seal/index.ts";
import { type Seal, TransportError } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { Endpoint, type EndpointOptions, splitSealed } from "../../src/rpc/index.ts";
import type { RandomStream } from "../../src/testing/simulator/index.ts";

const clusterId = "fuzz";
const [n1, n2] = [replicaId("n1"), replicaId("n2")];
const services = ["raft", "kv", "kv-audit"] as const;

/** Frames of each size class and each of the two kinds of seals. */
const FRAMES_PER_CLASS = 6;
/** The contents, in bytes. A call with its envelope and its seal has about 80 more. */
const contentBytes = [0, 20, 60, 200, 500, 1024, 4096, 16_384, 65_536 - 200];

/** A replica with a secret, and what its peers have sent it and others. */
export interface FuzzTarget {
  readonly endpoint: Endpoint;
  /** The number of calls that handlers got. */
  readonly handled: () => number;
  /** Messages of holders of the secret. None of them has come to the endpoint. */
  readonly frames: readonly Uint8Array[];
}

/** Creates a replica, and real messages of all kinds: hellos, calls, greetings, replies, sealed and encrypted. */
export async function fuzzTarget(random: RandomStream): Promise<FuzzTarget> {
  let handled = 0;
  const handler = async () => {
    handled++;
    return new Uint8Array();
  };
  const endpoint = await endpointOf({ self: n2, seal: sealOf(false) }, handler);
  const frames: Uint8Array[] = [];
  for (const encrypts of [false, true]) {
    const caller = await endpointOf({ self: n1, seal: sealOf(encrypts) }, handler);
    const peer = await endpointOf({ self: n2, seal: sealOf(encrypts) }, async (_, payload) => payload);
    const toPeer = async (bytes: Uint8Array) => {
      const reply = (await peer.handle(bytes)).bytes;
      frames.push(bytes, reply);
      return reply;
    };
    const toTarget = async (bytes: Uint8Array) => {
      if (splitSealed(bytes)?.kind === "hello") return (await endpoint.handle(bytes)).bytes;
      frames.push(bytes);
      throw new TransportError("unreachable", "the target gets only altered calls");
    };
    for (const length of contentBytes) {
      for (let count = 0; count < FRAMES_PER_CLASS; count++) {
        const payload = Uint8Array.from({ length }, () => random.below(256));
        const call = {
          to: n2,
          service: random.pick(services),
          payload,
          signal: new AbortController().signal,
        };
        await caller.call(call, toPeer);
        // A process that forgets the boot of the peer says hello again.
        const again = await endpointOf({ self: n1, seal: sealOf(encrypts) }, handler);
        await again.call(call, toTarget).catch(() => undefined);
      }
    }
  }
  return { endpoint, handled: () => handled, frames };
}

async function endpointOf(
  options: Pick<EndpointOptions, "self" | "seal">,
  handler: Parameters<Endpoint["serve"]>[1],
): Promise<Endpoint> {
  const endpoint = new Endpoint({ clusterId, ...options });
  for (const service of services) await endpoint.serve(service, handler);
  return endpoint;
}

function sealOf(encrypts: boolean): Seal {
  return peerSeal({ secrets: ["a secret of the cluster, of 42 characters."], clusterId, encrypts });
}
