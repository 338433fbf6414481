import {
  decodeCall,
  decodeHeader,
  decodeRaftRequest,
  decodeReply,
  encodeCall,
  encodeHeader,
  encodeRaftRequest,
  raftServiceName,
} from "../../rpc/index.ts";
import type { Holder } from "./holder.ts";
import type { Machine } from "./machine.ts";
import { Violation } from "./monitor/index.ts";
import type { Network, Trace } from "./world/index.ts";

type Receiver = Pick<Machine<unknown, unknown>, "number" | "id" | "clusterUid">;

/** The way of a message of another cluster. */
export interface Misdirection {
  /** The machine whose last request is copied. */
  readonly from: Pick<Receiver, "number">;
  readonly to: Receiver;
  /** Selects the term, and whether the other cluster has the same name. */
  readonly amount: number;
}

/** What delivers the message, and what sees the reply. */
export interface MisdirectedContext {
  readonly network: Network;
  /** The other cluster has the same secret. */
  readonly holder: Holder;
  readonly trace: Trace;
  readonly report: (violation: Violation) => void;
}

/**
 * Delivers a message of another cluster with the same replica names.
 *
 * @returns whether it was sent
 */
export function sendMisdirected(
  { from, to, amount }: Misdirection,
  { network, holder, trace, report }: MisdirectedContext,
): boolean {
  const request = network.lastRequests.get(from.number * 64 + to.number);
  const message = request && holder.read(request);
  const forged = message && ofAnotherCluster(message.slice(), to, amount);
  if (forged === undefined) return false;
  holder
    .call(forged, (bytes) => network.inject(to.number, bytes))
    .then((reply) => {
      if (reply === undefined) return;
      if (decodeReply(reply).status !== "ok") trace.marks.add("a message of another cluster refused");
      else report(new Violation("rule", `${to.id} answers a message of another cluster`));
    });
  return true;
}

/** Undefined if the message is not one of Raft. */
function ofAnotherCluster(
  message: Uint8Array,
  { clusterUid }: Receiver,
  amount: number,
): Uint8Array | undefined {
  const call = decodeCall(message);
  const header = decodeHeader(call.header);
  if (header.service !== raftServiceName) return undefined;
  const request = decodeRaftRequest(call.payload);
  const payload = encodeRaftRequest({ ...request, term: request.term + 1 + (amount % 3) });
  const { introduction } = header;
  const hasSameName = (amount & 64) !== 0 && clusterUid !== undefined && introduction.length > 0;
  const other = hasSameName
    ? {
        introduction: introduction.map((byte, at) =>
          clusterUid[at] === undefined ? byte : clusterUid[at] ^ 1,
        ),
      }
    : { clusterId: "another" };
  return encodeCall({ ...call, header: encodeHeader({ ...header, ...other }), payload });
}
