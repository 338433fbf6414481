import type { AnswerStatus } from "./envelope.ts";

/** What only a person can put right about a call that brought no answer; undefined if it may pass. */
export function mistakeIn(error: unknown): string | undefined {
  // Bun puts a prefix before the codes of its lookups.
  const code = codeOf(error)?.replace(/^DNS_/, "");
  if (code === undefined) return undefined;
  if (/^(?:ENOTFOUND|EAI_\w+)$/.test(code)) return `its name can't be resolved (${code})`;
  if (code === "EPROTO" || code === "ERR_SSL_WRONG_VERSION_NUMBER") {
    return `no secure connection to it can be made (${code}): if it does not speak TLS, its URL should begin with http://`;
  }
  if (/CERT|SELF_SIGNED|TLS|SSL/i.test(code)) return `no secure connection to it can be made (${code})`;
  if (/^HPE_/.test(code)) return `what answers there does not speak HTTP (${code})`;
  return undefined;
}

/** What only a person can put right about a refusal; undefined if the same call may be answered later. */
export function mistakeBehind(status: AnswerStatus, text: string): string | undefined {
  return status === "foreign" || status === "malformed" ? text : undefined;
}

/** The system's code of what went wrong, such as `ECONNREFUSED`. */
function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string") return code;
  }
  return undefined;
}
