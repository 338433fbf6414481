import { TransportError } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { fetchRequester, HttpTransport, nodeRequester } from "../../transports/http/index.ts";

const peer = replicaId("n2");

/** Calls a URL with this runtime's own requester until the mistake that a person has to correct is known. */
export async function mistakeAt(url: string): Promise<string> {
  const requester = "Bun" in globalThis ? fetchRequester() : await nodeRequester();
  const peers = new Map([[peer, url]]);
  await using transport = new HttpTransport({ clusterId: "c", self: replicaId("n1"), peers, requester });
  for (;;) {
    const call = transport.call(peer, "echo", Uint8Array.of(1), new AbortController().signal);
    const error: unknown = await call.catch((thrown: unknown) => thrown);
    if (!(error instanceof TransportError)) throw error;
    if (error.mistake !== undefined) return error.mistake;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
