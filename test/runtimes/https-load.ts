import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent, request as secureRequest } from "node:https";
import type { TLSSocket } from "node:tls";

/** An answer over HTTPS. */
export interface SecureAnswer {
  readonly status: number;
  readonly body: string;
  /** The fingerprint of the server's certificate (SHA-256). */
  readonly fingerprint: string;
}

export interface SecureRequest {
  readonly ca: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default: a separate connection. */
  readonly agent?: Agent;
}

/** Sends a request over HTTPS. */
export function askSecurely(
  url: string,
  { ca, method = "GET", headers = {}, body = "", agent }: SecureRequest,
): Promise<SecureAnswer> {
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = secureRequest(
      url,
      { ca, method, headers, agent: agent ?? false },
      (response: IncomingMessage) => {
        const { fingerprint256 } = (response.socket as TLSSocket).getPeerCertificate();
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.once("error", reject);
        response.once("end", () =>
          resolve({ status: response.statusCode ?? 0, body: text, fingerprint: fingerprint256 }),
        );
      },
    );
    sent.once("error", reject).end(body);
  });
}

/** What a load of requests saw. */
export interface LoadCounts {
  answered: number;
  /** Connections that were refused or closed before a response; the request was repeated. */
  refused: number;
  readonly failures: string[];
}

/** Clients that send one request after another until they are stopped: half of them on kept connections. */
export class HttpsLoad {
  readonly counts: LoadCounts = { answered: 0, refused: 0, failures: [] };
  readonly #clients: Promise<void>[];
  #isOver = false;

  constructor(url: string, ca: string, clients = 8) {
    this.#clients = Array.from({ length: clients }, (_, turn) =>
      this.#client(url, ca, turn % 2 === 0 ? new Agent({ keepAlive: true, ca }) : undefined),
    );
  }

  async stop(): Promise<LoadCounts> {
    this.#isOver = true;
    await Promise.all(this.#clients);
    return this.counts;
  }

  async #client(url: string, ca: string, agent?: Agent): Promise<void> {
    while (!this.#isOver) {
      try {
        const { status } = await askSecurely(url, { ca, ...(agent && { agent }) });
        if (status === 200) this.counts.answered++;
        else this.counts.failures.push(`status ${status}`);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? String(error);
        if (code === "ECONNREFUSED" || code === "ECONNRESET") this.counts.refused++;
        else this.counts.failures.push(code);
      }
    }
    agent?.destroy();
  }
}
