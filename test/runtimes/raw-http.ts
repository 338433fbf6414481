import { connect } from "node:net";

/** The response to raw bytes. */
export interface RawAnswer {
  /** Of the first response; 0 if the connection was closed without one. */
  readonly status: number;
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Total number of responses. */
  readonly responses: number;
}

/** Sends bytes over a separate connection, and reads until the server closes it or `isEnough` accepts the response. */
export function rawRequest(
  url: string,
  bytes: string | Uint8Array,
  isEnough: (received: string) => boolean = () => false,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let received = "";
    socket.setEncoding("latin1").on("data", (text: string) => {
      received += text;
      if (isEnough(received)) socket.destroy();
    });
    socket.once("error", (error) => (received === "" ? reject(error) : resolve(parsed(received))));
    socket.once("close", () => resolve(parsed(received)));
  });
}

/** A request that asks for the connection to be closed after it. */
export function request(line: string, headers: Readonly<Record<string, string>> = {}, body = ""): string {
  const all = {
    ...headers,
    ...(body !== "" && { "Content-Length": `${Buffer.byteLength(body)}` }),
    Connection: "close",
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

function parsed(received: string): RawAnswer {
  const [head = "", ...rest] = received.split("\r\n\r\n");
  const [status = "", ...lines] = head.split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return {
    status: Number(status.split(" ")[1] ?? 0),
    headers: new Map(headers),
    body: rest.join("\r\n\r\n"),
    responses: received.match(/HTTP\/1\.[01] \d{3}/g)?.length ?? 0,
  };
}
