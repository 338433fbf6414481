import { networkInterfaces } from "node:os";
import type { BrowserRulesOptions } from "../service/index.ts";
import type { ReplicaOptions } from "./replica-options.ts";

const wildcards: readonly string[] = ["0.0.0.0", "::"];

/** How a replica is reached, as its settings have it. */
export function browserRulesOf({
  listen,
  peers,
  allowHost = [],
  allowOrigin = [],
}: ReplicaOptions): BrowserRulesOptions {
  const ofPeers = [...peers.values()].map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ""));
  const isOnAll = wildcards.includes(listen.hostname);
  return {
    names: [...(isOnAll ? [] : [listen.hostname]), ...ofPeers, ...allowHost],
    ...(isOnAll && { ownAddresses: addressesOfThisMachine }),
    origins: allowOrigin,
  };
}

/** They may change while a replica runs. */
function addressesOfThisMachine(): readonly string[] {
  const interfaces = Object.values(networkInterfaces());
  return interfaces.flatMap((addresses = []) => addresses.map(({ address }) => address));
}
