/** Why a request was not done. */
export type ProblemReason =
  | "malformed"
  | "notFound"
  | "methodNotAllowed"
  | "tooLarge"
  | "failed"
  | "notReady"
  | "unavailable"
  | "uncertain";

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** `unknown`: a write may have taken effect, or may yet; sent again, it may take effect twice. */
  readonly outcome: "none" | "unknown";
}

const problems: Readonly<Record<ProblemReason, ProblemKind>> = {
  malformed: { status: 400, title: "Malformed request", retryable: false, outcome: "none" },
  notFound: { status: 404, title: "Not found", retryable: false, outcome: "none" },
  methodNotAllowed: { status: 405, title: "Method not allowed", retryable: false, outcome: "none" },
  tooLarge: { status: 413, title: "Too large", retryable: false, outcome: "none" },
  failed: { status: 500, title: "Internal error", retryable: false, outcome: "unknown" },
  notReady: { status: 503, title: "Not ready", retryable: true, outcome: "none" },
  unavailable: { status: 503, title: "No quorum", retryable: true, outcome: "none" },
  uncertain: { status: 503, title: "No quorum", retryable: true, outcome: "unknown" },
};

/** A problem as RFC 9457 writes it. */
export function problem(reason: ProblemReason, detail: string, headers?: Record<string, string>): Response {
  const { status, title, retryable, outcome } = problems[reason];
  const body = { type: `urn:durio:${reason}`, title, status, detail, retryable, outcome };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}
