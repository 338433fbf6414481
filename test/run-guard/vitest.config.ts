import type { ViteUserConfig } from "vitest/config";
import base from "../../vitest.config.ts";

/** Runs what guard.test.ts kills, and that alone. */
const config: ViteUserConfig = { test: { ...base.test, include: ["test/run-guard/endless.ts"] } };
export default config;
