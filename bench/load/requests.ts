import type { OwnLoadKind } from "./load.ts";

/**
 * The bytes to send, and a check of the answer: it returns a sentence if the answer is wrong, `absent` for an absent
 * key.
 */
export interface Request {
  readonly bytes: Buffer;
  readonly check: (status: number, body: Buffer) => string | undefined;
}

/** Creates the requests of a load in turn. */
export interface Requests {
  readonly put: (key: string, host: string) => Request;
  readonly get: (key: string, host: string) => Request;
}

/** @param token sent with each request to durio; empty for none */
export function requestsOf(kind: OwnLoadKind, valueBytes: number, token = ""): Requests {
  const value = "x".repeat(valueBytes);
  switch (kind) {
    case "durio":
      return durio(value, token);
    case "etcd-json":
      return etcdJson(Buffer.from(value).toString("base64"));
    case "rust-durio": {
      const requests = durio(value, token);
      // It answers a get with an empty value when it has given up, and that happens under load.
      const nothingIsFine = (wrong: string | undefined) => (wrong === absent ? undefined : wrong);
      const get = (key: string, host: string): Request => {
        const { bytes, check } = requests.get(key, host);
        return { bytes, check: (status, body) => nothingIsFine(check(status, body)) };
      };
      return { put: requests.put, get };
    }
    case "nats-kv": {
      const put = (key: string) => ({ bytes: Buffer.from(key), check: is200 });
      return { put, get: () => ({ bytes: Buffer.alloc(0), check: () => "gets are not supported" }) };
    }
    case "healthz": {
      const ask = (_key: string, host: string) => ({ bytes: http("GET", "/healthz", host), check: is200 });
      return { put: ask, get: ask };
    }
  }
}

export const absent = "absent";

function durio(value: string, token: string): Requests {
  const authorization = token === "" ? "" : `\r\nauthorization: Bearer ${token}`;
  return {
    put: (key, host) => ({
      bytes: http("POST", "/kvstore/put", host + authorization, `{"key":"${key}","value":"${value}"}`),
      check: (status, body) =>
        is200(status, body) ??
        (body.toString("latin1", 0, 3) === "OK" ? undefined : `put answered ${start(body)}`),
    }),
    get: (key, host) => ({
      bytes: http("GET", `/kvstore/get/${key}`, host + authorization),
      check: (status, body) => is200(status, body) ?? checkGet(key, value.length, body),
    }),
  };
}

/** Format: `key!counter!value`. */
function checkGet(key: string, valueBytes: number, body: Buffer): string | undefined {
  const valueAt = body.indexOf(0x21, key.length + 1) + 1;
  const whole = body.toString("latin1", 0, key.length + 1) === `${key}!` && valueAt > key.length + 2;
  if (whole && body.length === valueAt) return absent;
  return whole && body.length === valueAt + valueBytes ? undefined : `get of ${key} answered ${start(body)}`;
}

function etcdJson(value: string): Requests {
  return {
    put: (key, host) => ({
      bytes: http("POST", "/v3/kv/put", host, `{"key":"${btoa(key)}","value":"${value}"}`),
      check: (status, body) =>
        is200(status, body) ?? (body.includes('"revision"') ? undefined : `put answered ${start(body)}`),
    }),
    get: (key, host) => ({
      bytes: http("POST", "/v3/kv/range", host, `{"key":"${btoa(key)}"}`),
      check(status, body) {
        const wrong = is200(status, body);
        if (wrong !== undefined) return wrong;
        if (!body.includes('"kvs"')) return body.includes('"revision"') ? absent : start(body);
        const whole = body.includes(`"key":"${btoa(key)}"`) && body.includes(`"value":"${value}"`);
        return whole ? undefined : `get of ${key} answered ${start(body)}`;
      },
    }),
  };
}

function is200(status: number, body: Buffer): string | undefined {
  return status === 200 ? undefined : `${status} ${start(body)}`;
}

function start(body: Buffer): string {
  return body.toString("latin1", 0, Math.min(body.length, 200));
}

/** Returns the bytes of an HTTP/1.1 request on a persistent connection. @param host with further header lines, if any */
function http(method: "GET" | "POST", path: string, host: string, body = ""): Buffer {
  const content = body === "" ? "" : `content-type: application/json\r\ncontent-length: ${body.length}\r\n`;
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${content}\r\n${body}`, "latin1");
}
