import { connect, type KV } from "nats";
import type { Sender } from "./loops.ts";

const BUCKET = "bench";
/** More connections were not faster. */
const CONNECTIONS = 2;

/** Opens connections to NATS JetStream, with a bucket on three servers. Each `exchange` puts the key that it is given. */
export async function openNatsKv(targets: readonly URL[], valueBytes: number): Promise<readonly Sender[]> {
  const value = Buffer.from("x".repeat(valueBytes));
  const senders: Sender[] = [];
  for (let n = 0; n < CONNECTIONS; n++) {
    const target = targets[n % targets.length];
    const connection = await connect({ servers: `nats://${target?.host}` });
    senders.push(senderTo(await connection.jetstream().views.kv(BUCKET, { replicas: 3 }), value));
  }
  return senders;
}

function senderTo(bucket: KV, value: Buffer): Sender {
  return {
    exchange(key, onAnswer) {
      bucket.put(key.toString("latin1"), value).then(
        () => onAnswer(200, Buffer.alloc(0)),
        (error) => onAnswer(500, Buffer.from(String(error))),
      );
    },
  };
}
