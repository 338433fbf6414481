/** A change of access, for people. */
export interface ChangeEvent {
  /** Wall time of the replica that was asked, in ISO 8601. */
  readonly at: string;
  /** Who asked for it, such as `token admin`. */
  readonly who: string;
  /** The address that the request came from, or null if unknown. */
  readonly from: string | null;
  /** The change as a sentence without a subject, such as `created token ci: read app/`. */
  readonly what: string;
}

const maxBytes = 1024;

/** Encodes an event. Cuts its text to what the registry keeps. */
export function encodeEvent(event: ChangeEvent): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(event));
  if (bytes.length <= maxBytes) return bytes;
  const half = event.what.slice(0, Math.floor(event.what.length / 2)).toWellFormed();
  return encodeEvent({ ...event, what: half.endsWith("…") ? half : `${half}…` });
}

/** Decodes an event. One that is not of this form is shown as it is. */
export function decodeEvent(bytes: Uint8Array): ChangeEvent {
  const text = new TextDecoder().decode(bytes);
  try {
    const { at, who, from, what } = JSON.parse(text);
    return {
      at: textOf(at),
      who: textOf(who),
      from: typeof from === "string" ? from : null,
      what: textOf(what),
    };
  } catch {
    return { at: "", who: "", from: null, what: text };
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
