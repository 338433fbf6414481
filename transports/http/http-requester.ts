export interface HttpResponse {
  readonly status: number;
  /** Absent if the response names none. */
  readonly contentType?: string | undefined;
  readonly body: Uint8Array;
}

/** POSTs CBOR, by whatever means is fastest on a runtime. */
export interface HttpRequester extends Disposable {
  /**
   * Sends a body and waits for the whole response.
   *
   * @param signal ends the request
   * @throws anything if there is no response
   */
  post(url: string, body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<HttpResponse>;
  /** What answered at a URL was not the peer: a name in it may mean another address by now. */
  suspect?(url: string): void;
}

/**
 * Reads the `content-length` of a response, so that a peer can't fill our memory.
 *
 * @throws Error if there is none, or it is more than `maxBytes`
 */
export function contentLength(header: string | null | undefined, maxBytes: number): number {
  const length = Number(header ?? Number.NaN);
  if (Number.isSafeInteger(length) && length >= 0 && length <= maxBytes) return length;
  throw new Error(`a response's content-length is at most ${maxBytes}, not ${header ?? "missing"}`);
}
