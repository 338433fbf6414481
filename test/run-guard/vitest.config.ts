import type { ViteUserConfig } from "vitest/config";

/** Runs what guard.test.ts kills, and that alone. */
const config: ViteUserConfig = {
  test: { globalSetup: ["test/run-guard/global-setup.ts"], include: ["test/run-guard/endless.ts"] },
};
export default config;
