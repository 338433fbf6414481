import type { Transport } from "../ports/index.ts";
import { invariant, type ReplicaId } from "../raft/index.ts";
import { decodeReplyPayload, decodeWireValue, encodeWireValue, MalformedMessage } from "../rpc/index.ts";

/** A leader's request for a peer's state hash at the index of an `audit`, with the leader's own hash. */
export interface Audit {
  readonly index: number;
  /** Of the leader's state, in hexadecimal digits. */
  readonly hash: string;
}

export interface AuditReply {
  /** Hash of the peer's state; undefined if it is not known. */
  readonly hash: string | undefined;
  /** Whether the hash will be known later. */
  readonly isPending: boolean;
}

/** Audits over any transport, as the service `kv-audit`. */
export interface AuditService {
  /** @throws what `Transport.serve` throws */
  serve(handler: (from: ReplicaId, audit: Audit) => AuditReply): Promise<void>;
  /** @throws TransportError and nothing else */
  call(to: ReplicaId, audit: Audit, signal: AbortSignal): Promise<AuditReply>;
}

const serviceName = "kv-audit";

export function auditService(transport: Pick<Transport, "serve" | "call">): AuditService {
  return {
    serve: (handler) =>
      transport.serve(serviceName, async (from, payload) =>
        encodeAuditReply(handler(from, decodeAudit(payload))),
      ),
    async call(to, audit, signal) {
      return decodeReplyPayload(
        to,
        await transport.call(to, serviceName, encodeAudit(audit), signal),
        decodeAuditReply,
      );
    },
  };
}

export function encodeAudit({ index, hash }: Audit): Uint8Array {
  invariant(isHash(hash), "docs/decisions/0015: a leader sends a hash that its peers can read");
  return encodeWireValue([index, hash]);
}

/** @throws MalformedMessage */
export function decodeAudit(payload: Uint8Array): Audit {
  const [index, hash] = pairIn(payload);
  if (typeof index === "number" && Number.isSafeInteger(index) && index >= 0 && isHash(hash)) {
    return { index, hash };
  }
  throw new MalformedMessage("audit: must be an index and a hash");
}

export function encodeAuditReply({ hash, isPending }: AuditReply): Uint8Array {
  invariant(
    hash === undefined || isHash(hash),
    "docs/decisions/0015: a reply has a hash that the leader can read",
  );
  invariant(hash === undefined || !isPending, "docs/decisions/0015: a hash that is known is not pending");
  return encodeWireValue([hash, isPending]);
}

/** @throws MalformedMessage */
export function decodeAuditReply(payload: Uint8Array): AuditReply {
  const [hash, isPending] = pairIn(payload);
  if ((hash === undefined || isHash(hash)) && typeof isPending === "boolean") return { hash, isPending };
  throw new MalformedMessage("reply to an audit: must be a hash and a flag");
}

function pairIn(payload: Uint8Array): readonly unknown[] {
  const plain = decodeWireValue(payload);
  if (Array.isArray(plain) && plain.length === 2) return plain;
  throw new MalformedMessage("audit: must be a pair");
}

function isHash(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
}
