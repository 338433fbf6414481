/** Why a request was not carried out. */
export type ProblemReason =
  | "malformed"
  | "unauthorized"
  | "forbidden"
  | "foreignOrigin"
  | "notFound"
  | "methodNotAllowed"
  | "slowBody"
  | "tooLarge"
  | "unsupportedType"
  | "foreignHost"
  | "tooManyWrongTokens"
  | "tokenExists"
  | "lastAdmin"
  | "noSecret"
  | "rotationRefused"
  | "changed"
  | "full"
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
  /** Headers of every response of this kind. */
  readonly headers?: Readonly<Record<string, string>>;
}

const problems: Readonly<Record<ProblemReason, ProblemKind>> = {
  malformed: { status: 400, title: "Malformed request", retryable: false, outcome: "none" },
  unauthorized: {
    status: 401,
    title: "Unauthorized",
    retryable: false,
    outcome: "none",
    headers: { "www-authenticate": "Bearer" },
  },
  forbidden: { status: 403, title: "Forbidden", retryable: false, outcome: "none" },
  foreignOrigin: { status: 403, title: "Foreign origin", retryable: false, outcome: "none" },
  notFound: { status: 404, title: "Not found", retryable: false, outcome: "none" },
  methodNotAllowed: { status: 405, title: "Method not allowed", retryable: false, outcome: "none" },
  slowBody: { status: 408, title: "Body not received in time", retryable: true, outcome: "none" },
  tokenExists: { status: 409, title: "Token exists", retryable: false, outcome: "none" },
  lastAdmin: { status: 409, title: "Last admin token", retryable: false, outcome: "none" },
  noSecret: { status: 409, title: "No secret", retryable: false, outcome: "none" },
  rotationRefused: { status: 409, title: "No change of the secret", retryable: false, outcome: "none" },
  changed: { status: 409, title: "Changed meanwhile", retryable: true, outcome: "none" },
  tooLarge: { status: 413, title: "Too large", retryable: false, outcome: "none" },
  unsupportedType: { status: 415, title: "Unsupported type", retryable: false, outcome: "none" },
  foreignHost: { status: 421, title: "Foreign host", retryable: false, outcome: "none" },
  tooManyWrongTokens: { status: 429, title: "Too many wrong tokens", retryable: true, outcome: "none" },
  failed: { status: 500, title: "Internal error", retryable: false, outcome: "unknown" },
  overloaded: {
    status: 503,
    title: "Overloaded",
    retryable: true,
    outcome: "none",
    headers: { "retry-after": "1" },
  },
  draining: {
    status: 503,
    title: "Draining",
    retryable: true,
    outcome: "none",
    headers: { "retry-after": "1" },
  },
  notReady: {
    status: 503,
    title: "Not ready",
    retryable: true,
    outcome: "none",
    headers: { "retry-after": "1" },
  },
  unavailable: { status: 503, title: "No answer", retryable: true, outcome: "none" },
  uncertain: { status: 503, title: "Unknown outcome", retryable: true, outcome: "unknown" },
  full: { status: 507, title: "Full", retryable: false, outcome: "none" },
};

/** Creates a problem response (RFC 9457). */
export function problem(reason: ProblemReason, detail: string, headers?: Record<string, string>): Response {
  const { status, title, retryable, outcome, headers: usual } = problems[reason];
  const body = { type: `urn:durio:${reason}`, title, status, detail, retryable, outcome };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", ...usual, ...headers },
  });
}
