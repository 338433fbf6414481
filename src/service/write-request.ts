import * as v from "valibot";
import type { Bodies } from "./bodies/index.ts";
import { keyBytes } from "./key.ts";
import { limits } from "./limits.ts";
import { problem } from "./problems.ts";

/** What the body of a put or an append asks for. */
export interface WriteRequest {
  readonly key: Uint8Array;
  readonly value: string;
}

const loneSurrogate = /\p{Surrogate}/u;
const text = v.pipe(
  v.string("must be a string"),
  v.check((value) => !loneSurrogate.test(value), "must be well-formed Unicode"),
);
const writeSchema = v.object({ key: text, value: text }, (issue) =>
  issue.path === undefined ? "must be a JSON object" : "is missing",
);
const firstIssueOnly = { abortEarly: true } as const;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** What a form of a web page can't send without the browser asking first. */
const types: readonly string[] = ["application/json", "application/octet-stream"];

/** Reads the body of a write, or says what is wrong with it. */
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
  return (
    type !== null &&
    types.includes(
      type
        .replace(/\s*;.*$/s, "")
        .trim()
        .toLowerCase(),
    )
  );
}

function writeRequest(bytes: Uint8Array): WriteRequest | Response {
  let body: unknown;
  try {
    body = JSON.parse(utf8.decode(bytes));
  } catch {
    return problem("malformed", 'body: must be JSON in UTF-8, such as {"key": "...", "value": "..."}');
  }
  const parsed = v.safeParse(writeSchema, body, firstIssueOnly);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return problem("malformed", `${v.getDotPath(issue) ?? "body"}: ${issue.message}`);
  }
  const key = keyBytes(parsed.output.key);
  return key instanceof Response ? key : { key, value: parsed.output.value };
}
