import type { Serve } from "./server.ts";

export { defaultMaxConnections } from "./open-files.ts";
export type { Serve, ServeLimits, ServeOptions, Server } from "./server.ts";

export type RuntimeName = "bun" | "deno" | "node";

/** The runtime that this program runs on. */
export const runtimeName: RuntimeName = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";

const modules = {
  bun: () => import("./bun.ts"),
  deno: () => import("./node.ts"),
  node: () => import("./node.ts"),
} as const satisfies Record<RuntimeName, () => Promise<{ serve: Serve }>>;

/** Serves HTTP by the means of the runtime at hand; no other's module is loaded. */
export const serve: Serve = async (options) => {
  const module = await modules[runtimeName]();
  return module.serve(options);
};
