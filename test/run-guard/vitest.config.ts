import type { ViteUserConfig } from "vitest/config";

/** Runs only the tests that guard.test.ts kills. */
const config: ViteUserConfig = {
  test: { globalSetup: ["test/run-guard/global-setup.ts"], include: ["test/run-guard/endless.ts"] },
};
export default config;
