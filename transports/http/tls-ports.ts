import { TransportError } from "../../src/ports/index.ts";

/** Least time between two probes of a port, in ms. */
const PROBE_INTERVAL_MS = 10_000;
/** Timeout of a handshake, in ms. */
const HANDSHAKE_MS = 2_000;

/** The server that a request went to. */
interface Server {
  readonly isSecure: boolean;
  readonly hostname: string;
  readonly isAddress: boolean;
  /** Undefined for the protocol's default. */
  readonly port: number | undefined;
}

interface Probe {
  readonly atMs: number;
  speaksTls: boolean;
}

/**
 * Finds out whether a port that closes connections of plain HTTP speaks TLS. Most TLS servers close such a connection without
 * a response, which looks like a temporary failure.
 */
export class TlsPorts {
  readonly #now: () => number;
  readonly #probes = new Map<string, Probe>();
  readonly #closing = new AbortController();

  /** @param now a monotonic clock, in ms */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The error of a request, with the mistake behind it if that is known. Otherwise starts a probe in the background. */
  explained(called: Server, address: string, error: unknown): unknown {
    const { isSecure, hostname, isAddress, port = 80 } = called;
    if (isSecure || this.#closing.signal.aborted || !wasClosed(error)) return error;
    const key = `${address} ${port}`;
    const known = this.#probes.get(key);
    if (known === undefined || this.#now() - known.atMs >= PROBE_INTERVAL_MS) {
      const probe: Probe = { atMs: this.#now(), speaksTls: known?.speaksTls ?? false };
      this.#probes.set(key, probe);
      const server = { host: address, port, ...(!isAddress && { servername: hostname }) };
      speaksTls(server, this.#closing.signal).then((speaks) => {
        probe.speaksTls = speaks;
      });
    }
    if (!known?.speaksTls) return error;
    const mistake = "what answers there speaks TLS: its URL should begin with https://";
    return new TransportError("unreachable", `${hostname} can't be reached: ${mistake}`, {
      cause: error,
      mistake,
    });
  }

  /** Ends the probes. */
  close(): void {
    this.#closing.abort();
  }
}

/** Whether the connection was closed, or the response was not HTTP. */
function wasClosed(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^(?:ECONNRESET|EPIPE|HPE_\w+|Malformed_HTTP_Response)$/.test(code);
}

interface TlsServer {
  readonly host: string;
  readonly port: number;
  readonly servername?: string;
}

async function speaksTls(server: TlsServer, signal: AbortSignal): Promise<boolean> {
  const { connect } = await import("node:tls");
  return new Promise((resolve) => {
    // Nothing is sent, so the certificate does not matter.
    const socket = connect({ ...server, rejectUnauthorized: false });
    const end = (speaks: boolean): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", endUnknown);
      socket.destroy();
      resolve(speaks);
    };
    const endUnknown = (): void => end(false);
    const timer = setTimeout(endUnknown, HANDSHAKE_MS);
    signal.addEventListener("abort", endUnknown, { once: true });
    socket.on("secureConnect", () => end(true));
    socket.on("error", endUnknown);
    socket.on("close", endUnknown);
  });
}
