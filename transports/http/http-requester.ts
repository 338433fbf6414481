/** The response to a POST request, with its whole body. */
export interface HttpResponse {
  /** The HTTP status. */
  readonly status: number;
  /** Absent if the response names none. */
  readonly contentType?: string | undefined;
  /** All of it. */
  readonly body: Uint8Array;
}

/** Sends POST requests in the fastest way of a runtime. */
export interface HttpRequester extends Disposable {
  /**
   * Sends a body and waits for the whole response.
   *
   * @param signal ends the request
   * @throws any error if there is no response
   */
  post(url: string, body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<HttpResponse>;
  /**
   * From now on trusts the certificates of these CAs alone, instead of the system's.
   *
   * @param authorities their certificates, in PEM
   */
  trust?(authorities: string): void;
  /** Something other than the peer responded at a URL: its name may have another address now. */
  suspect?(url: string): void;
}

/**
 * Reads the `content-length` of a response, so that a peer can't fill the memory.
 *
 * @throws Error if there is none, or it is more than `maxBytes`
 */
export function contentLength(header: string | null | undefined, maxBytes: number): number {
  const length = Number(header ?? Number.NaN);
  if (Number.isSafeInteger(length) && length >= 0 && length <= maxBytes) return length;
  throw new Error(`content-length of the response: at most ${maxBytes}, not ${header ?? "missing"}`);
}
