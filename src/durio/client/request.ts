import { type IncomingMessage, request as plain } from "node:http";
import { request as secure } from "node:https";

export interface RequestOptions {
  readonly method: "GET" | "POST" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** The certificates of the CAs to trust, in PEM. Undefined: those of the system. */
  readonly ca: string | undefined;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends one request, directly: not by `fetch`, which trusts other CAs only if they were named at the start of the process, and
 * obeys `HTTP_PROXY` on some runtimes.
 *
 * @throws Error if there is no answer
 */
export function sendRequest(
  url: URL,
  { method, headers, body, ca, signal }: RequestOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const open = url.protocol === "https:" ? secure : plain;
    const options = { method, headers, signal, agent: false, ...(ca !== undefined && { ca }) };
    const request = open(url.href, options, (response) => {
      readAll(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, text }),
        (error: unknown) => reject(error),
      );
    });
    request.once("error", reject);
    request.end(body);
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  for await (const part of response) text += part;
  return text;
}
