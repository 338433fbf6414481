import type { Bodies } from "./bodies/index.ts";
import { keyBytes } from "./key.ts";
import { limits } from "./limits.ts";
import { problem } from "./problems.ts";

/** The body of a put or an append. */
export interface WriteRequest {
  readonly key: Uint8Array;
  readonly value: string;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Content types that a web page's form cannot send without a preflight request. */
const types: readonly string[] = ["application/json", "application/octet-stream"];

/** Reads the body of a write, or returns the response that says what is wrong with it. */
export async function readWriteRequest(request: Request, bodies: Bodies): Promise<WriteRequest | Response> {
  const type = request.headers.get("content-type");
  if (!isAllowed(type)) {
    const given = type === null ? "missing" : JSON.stringify(type.slice(0, 100));
    return problem("unsupportedType", `content-type: must be application/json, not ${given}`);
  }
  const bytes = await bodies.read(request, limits.bodyBytes);
  return bytes instanceof Response ? bytes : writeRequest(bytes);
}

function isAllowed(type: string | null): boolean {
  if (type === null || types.includes(type)) return type !== null;
  const [name = ""] = type.split(";", 1);
  return types.includes(name.trim().toLowerCase());
}

function writeRequest(bytes: Uint8Array): WriteRequest | Response {
  let body: unknown;
  try {
    body = JSON.parse(utf8.decode(bytes));
  } catch {
    return problem("malformed", 'body: must be JSON in UTF-8, such as {"key": "...", "value": "..."}');
  }
  if (typeof body !== "object" || body === null) return problem("malformed", "body: must be a JSON object");
  // Checked by hand, because a schema would take a twentieth of the time of a whole put.
  const { key, value } = body as Record<keyof WriteRequest, unknown>;
  if (!isText(key)) return problem("malformed", `key: ${whyNoText(key)}`);
  if (!isText(value)) return problem("malformed", `value: ${whyNoText(value)}`);
  const bytesOfKey = keyBytes(key);
  return bytesOfKey instanceof Response ? bytesOfKey : { key: bytesOfKey, value };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed();
}

function whyNoText(value: unknown): string {
  if (value === undefined) return "is missing";
  return typeof value === "string" ? "must be well-formed Unicode" : "must be a string";
}
