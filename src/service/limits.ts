/** Limits of one request. */
export const limits: { readonly bodyBytes: number; readonly keyBytes: number } = {
  bodyBytes: 1 << 20,
  keyBytes: 4 << 10,
};
