import type { Bodies } from "./bodies/index.ts";
import { limits } from "./limits.ts";
import { problem } from "./problems.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Content types that a web page's form cannot send without a preflight request. */
const types: readonly string[] = ["application/json", "application/octet-stream"];

/**
 * Reads the body of a request as a JSON object, or returns the response that says what is wrong with it.
 *
 * @param example of a body, for messages
 */
export async function readJsonObject(
  request: Request,
  bodies: Bodies,
  example: string,
): Promise<Readonly<Record<string, unknown>> | Response> {
  const type = request.headers.get("content-type");
  if (!isJsonType(type)) {
    const given = type === null ? "missing" : JSON.stringify(type.slice(0, 100));
    return problem("unsupportedType", `content-type: must be application/json, not ${given}`);
  }
  const bytes = await bodies.read(request, limits.bodyBytes);
  return bytes instanceof Response ? bytes : objectIn(bytes, example);
}

/** Returns whether a body of this content type is read. */
export function isJsonType(type: string | null): boolean {
  if (type === null || types.includes(type)) return type !== null;
  const [name = ""] = type.split(";", 1);
  return types.includes(name.trim().toLowerCase());
}

/** Parses a body as a JSON object, or returns the response that says what is wrong with it. */
export function objectIn(bytes: Uint8Array, example: string): Readonly<Record<string, unknown>> | Response {
  let body: unknown;
  try {
    body = JSON.parse(utf8.decode(bytes));
  } catch {
    return problem("malformed", `body: must be JSON in UTF-8, such as ${example}`);
  }
  if (typeof body !== "object" || body === null) return problem("malformed", "body: must be a JSON object");
  return body as Record<string, unknown>;
}
