/**
 * A network within one process, whose links can be made to fail.
 *
 * @module
 */
export type { LinkFaults } from "./links.ts";
export { LoopbackNetwork, type LoopbackNetworkOptions } from "./loopback-network.ts";
