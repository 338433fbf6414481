const dayMs = 24 * 60 * 60 * 1000;

/** The validity of a certificate, as its library takes it. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Returns the validity from some days ago until some days from now. Certificates are dated by the wall clock. */
export function validity(daysAgo: number, days: number): Validity {
  const nowMs = Date.now();
  return { notBefore: new Date(nowMs - daysAgo * dayMs), notAfter: new Date(nowMs + days * dayMs) };
}

/** Returns a date as ISO text, and the days until then, negative after it. By the wall clock. */
export function until(date: string): { readonly iso: string; readonly days: number } {
  const atMs = Date.parse(date);
  return { iso: new Date(atMs).toISOString(), days: (atMs - Date.now()) / dayMs };
}
