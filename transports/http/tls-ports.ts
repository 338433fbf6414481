import { TransportError } from "../../src/ports/index.ts";

/** A port is probed so often at most, in ms. */
const PROBE_INTERVAL_MS = 10_000;
/** Time in ms that a handshake may take. */
const HANDSHAKE_MS = 2_000;

/** Where a request went. */
interface Place {
  readonly isSecure: boolean;
  readonly hostname: string;
  readonly isAddress: boolean;
  /** Undefined for the default of its protocol. */
  readonly port: number | undefined;
}

interface Probe {
  readonly atMs: number;
  speaksTls: boolean;
}

/**
 * Finds out whether a port that hangs up on plain HTTP speaks TLS. Servers of TLS mostly end such a connection without a word,
 * which looks like a failure that passes.
 */
export class TlsPorts {
  readonly #now: () => number;
  readonly #probes = new Map<string, Probe>();
  readonly #closing = new AbortController();

  /** @param now a monotonic clock, in ms */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The error of a request, with the mistake behind it if that is known. Otherwise a probe finds out, off the way of calls. */
  explained(place: Place, address: string, error: unknown): unknown {
    const { isSecure, hostname, isAddress, port = 80 } = place;
    if (isSecure || this.#closing.signal.aborted || !wasHungUp(error)) return error;
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

/** The connection was closed, or what came was no HTTP. */
function wasHungUp(error: unknown): boolean {
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
    // Nothing is sent, so it makes no difference who answers.
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
