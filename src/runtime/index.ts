import type { Serve } from "./server.ts";

export { defaultMaxConnections } from "./open-files.ts";
export type { Client, Serve, ServeLimits, ServeOptions, Server } from "./server.ts";
export { checkPair, type TlsPair } from "./tls-pair.ts";

export type RuntimeName = "bun" | "deno" | "node";

/** The current runtime. */
export const runtimeName: RuntimeName = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";

const modules = {
  bun: () => import("./bun.ts"),
  deno: () => import("./node.ts"),
  node: () => import("./node.ts"),
} as const satisfies Record<RuntimeName, () => Promise<{ serve: Serve }>>;

/** Serves HTTP by the current runtime's server. Loads only that runtime's module. */
export const serve: Serve = async (options) => {
  const module = await modules[runtimeName]();
  return module.serve(options);
};
