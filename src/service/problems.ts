/** Why a request was not carried out. */
export type ProblemReason =
  | "malformed"
  | "foreignOrigin"
  | "notFound"
  | "methodNotAllowed"
  | "slowBody"
  | "tooLarge"
  | "unsupportedType"
  | "foreignHost"
  | "failed"
  | "overloaded"
  | "draining"
  | "notReady"
  | "unavailable"
  | "uncertain";

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** `unknown`: a write may have taken effect or may still do so. If it is sent again, it may take effect twice. */
  readonly outcome: "none" | "unknown";
  /** Value of `Retry-After` in seconds. No header if absent. */
  readonly retryAfterSeconds?: number;
}

const problems: Readonly<Record<ProblemReason, ProblemKind>> = {
  malformed: { status: 400, title: "Malformed request", retryable: false, outcome: "none" },
  foreignOrigin: { status: 403, title: "Foreign origin", retryable: false, outcome: "none" },
  notFound: { status: 404, title: "Not found", retryable: false, outcome: "none" },
  methodNotAllowed: { status: 405, title: "Method not allowed", retryable: false, outcome: "none" },
  slowBody: { status: 408, title: "Body not received in time", retryable: true, outcome: "none" },
  tooLarge: { status: 413, title: "Too large", retryable: false, outcome: "none" },
  unsupportedType: { status: 415, title: "Unsupported type", retryable: false, outcome: "none" },
  foreignHost: { status: 421, title: "Foreign host", retryable: false, outcome: "none" },
  failed: { status: 500, title: "Internal error", retryable: false, outcome: "unknown" },
  overloaded: { status: 503, title: "Overloaded", retryable: true, outcome: "none", retryAfterSeconds: 1 },
  draining: { status: 503, title: "Draining", retryable: true, outcome: "none", retryAfterSeconds: 1 },
  notReady: { status: 503, title: "Not ready", retryable: true, outcome: "none", retryAfterSeconds: 1 },
  unavailable: { status: 503, title: "No answer", retryable: true, outcome: "none" },
  uncertain: { status: 503, title: "Unknown outcome", retryable: true, outcome: "unknown" },
};

/** Creates a problem response (RFC 9457). */
export function problem(reason: ProblemReason, detail: string, headers?: Record<string, string>): Response {
  const { status, title, retryable, outcome, retryAfterSeconds } = problems[reason];
  const body = { type: `urn:durio:${reason}`, title, status, detail, retryable, outcome };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": "application/problem+json",
      ...(retryAfterSeconds !== undefined && { "retry-after": `${retryAfterSeconds}` }),
      ...headers,
    },
  });
}
