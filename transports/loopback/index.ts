export type { LinkFaults } from "./links.ts";
export { LoopbackNetwork, type LoopbackNetworkOptions } from "./loopback-network.ts";
