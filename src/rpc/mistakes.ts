import type { ReplyStatus } from "./envelope.ts";

/** What a person has to correct after a failed call, as a sentence; undefined if the same call may succeed later. */
export function mistakeIn(error: unknown): string | undefined {
  // Bun prefixes the error codes of its lookups.
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

/** What a person has to correct after a refusal; undefined if the same call may succeed later. */
export function mistakeBehind(status: ReplyStatus, text: string): string | undefined {
  return status === "misdirected" || status === "malformed" ? text : undefined;
}

/** The system's error code, such as `ECONNREFUSED`. */
function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string") return code;
  }
  return undefined;
}
