import process from "node:process";
import { runtimeName } from "../runtime/index.ts";

/** The version in package.json. */
export const version = "0.1.0";

/** Returns the version and the runtime: `0.1.0 (bun 1.4.5, linux x64)`. */
export function versionText(): string {
  const release = process.versions[runtimeName] ?? "";
  return `${version} (${runtimeName} ${release}, ${process.platform} ${process.arch})`;
}
