import type { Guarded } from "./auth/index.ts";

/** A route of the service, with what its clients need. */
export interface ServiceRoute extends Guarded {
  readonly method: "GET" | "POST" | "DELETE";
  /** May end with `*`, for all paths that start like it. */
  readonly path: string;
}
