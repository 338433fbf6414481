import type { Bodies } from "./bodies/index.ts";
import { objectIn, readJsonObject } from "./json-body.ts";
import { keyBytes } from "./key.ts";
import { problem } from "./problems.ts";

/** The body of a put or an append. */
export interface WriteRequest {
  readonly key: Uint8Array;
  readonly value: string;
}

const example = '{"key": "...", "value": "..."}';

/** Reads the body of a write, or returns the response that says what is wrong with it. */
export async function readWriteRequest(request: Request, bodies: Bodies): Promise<WriteRequest | Response> {
  const body = await readJsonObject(request, bodies, example);
  return body instanceof Response ? body : checked(body);
}

/** Parses the body of a write, or returns the response that says what is wrong with it. */
export function writeRequestIn(bytes: Uint8Array): WriteRequest | Response {
  const body = objectIn(bytes, example);
  return body instanceof Response ? body : checked(body);
}

/** By hand, because a schema would take a twentieth of the time of a whole put. */
function checked({ key, value }: Readonly<Record<string, unknown>>): WriteRequest | Response {
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
