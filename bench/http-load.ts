import type { Socket } from "bun";

/** One kind of request, sent again and again by each of the clients as soon as its last one was answered. */
export interface Load {
  readonly url: URL;
  readonly clients: number;
  readonly seconds: number;
  /** The bytes of the n-th request on a connection; see {@link httpRequest}. */
  readonly request: (client: number, n: number) => Uint8Array;
}

export interface LoadResult {
  readonly perSecond: number;
  /** Answers other than 200. */
  readonly failed: number;
  /** In ms, rising. */
  readonly latenciesMs: Float64Array;
}

/** The bytes of an HTTP/1.1 request on a connection that stays open. */
export function httpRequest(method: "GET" | "POST", url: URL, path: string, body = ""): Uint8Array {
  const content =
    body === "" ? "" : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: ${url.host}\r\n${content}\r\n${body}`);
}

/**
 * Runs a closed loop of clients, a connection each, on bare sockets: a client library would take more of the
 * machine than what is measured. Answers need a content-length.
 */
export async function runLoad(load: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  const counts = { failed: 0 };
  const start = performance.now();
  const end = start + load.seconds * 1000;
  const clients = Array.from({ length: load.clients }, (_, client) =>
    runClient(load, client, end, latencies, counts),
  );
  await Promise.all(clients);
  const seconds = (performance.now() - start) / 1000;
  return {
    perSecond: latencies.length / seconds,
    failed: counts.failed,
    latenciesMs: Float64Array.from(latencies).sort(),
  };
}

export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function runClient(
  load: Load,
  client: number,
  end: number,
  latencies: number[],
  counts: { failed: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    let sentAt = 0;
    let n = 0;
    let buffered: Uint8Array = new Uint8Array();
    const send = (socket: Socket) => {
      sentAt = performance.now();
      socket.write(load.request(client, n++));
    };
    const socketHandlers = {
      open: send,
      data(socket: Socket, chunk: Uint8Array) {
        buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
        const status = completeAnswer(buffered);
        if (status === undefined) return;
        buffered = new Uint8Array();
        const now = performance.now();
        latencies.push(now - sentAt);
        if (status !== 200) counts.failed++;
        if (now < end) send(socket);
        else socket.end();
      },
      close: () => resolve(),
      connectError: (_socket: Socket, error: Error) => reject(error),
    };
    const { hostname, port } = load.url;
    Bun.connect({ hostname, port: Number(port), socket: socketHandlers }).catch(reject);
  });
}

/** The status of an answer that has arrived whole. */
function completeAnswer(bytes: Uint8Array): number | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const length = /content-length: *(\d+)/i.exec(text.slice(0, headEnd));
  if (length === null) throw new Error(`an answer without content-length:\n${text}`);
  return text.length >= headEnd + 4 + Number(length[1]) ? Number(text.slice(9, 12)) : undefined;
}
