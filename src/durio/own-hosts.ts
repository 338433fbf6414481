import { networkInterfaces } from "node:os";
import type { BrowserRulesOptions } from "../service/index.ts";
import type { EffectiveConfig } from "./effective-config.ts";

const wildcards: readonly string[] = ["0.0.0.0", "::"];

/** Returns the rules for browsers that follow from the config. */
export function browserRulesOf({
  listen,
  peers,
  allowHost = [],
  allowOrigin = [],
}: EffectiveConfig): BrowserRulesOptions {
  const ofPeers = [...peers.values()].map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ""));
  const isOnAll = wildcards.includes(listen.hostname);
  return {
    names: [...(isOnAll ? [] : [listen.hostname]), ...ofPeers, ...allowHost],
    ...(isOnAll && { ownAddresses: addressesOfThisMachine }),
    origins: allowOrigin,
  };
}

/** Looked up at each call, because they may change while a replica runs. */
function addressesOfThisMachine(): readonly string[] {
  const interfaces = Object.values(networkInterfaces());
  return interfaces.flatMap((addresses = []) => addresses.map(({ address }) => address));
}
