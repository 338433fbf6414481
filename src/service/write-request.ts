import * as v from "valibot";
import { keyBytes } from "./key.ts";
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

/** Reads the body of a write, or says what is wrong with it. */
export async function readWriteRequest(request: Request): Promise<WriteRequest | Response> {
  let body: unknown;
  try {
    body = JSON.parse(utf8.decode(await request.arrayBuffer()));
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
