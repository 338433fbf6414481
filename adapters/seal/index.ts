/**
 * Keys that prove that messages between replicas come from holders of a cluster's secret, for Bun, Node and Deno.
 *
 * @module
 */
export { MIN_SECRET_CHARACTERS, type PeerSeal, type PeerSealOptions, peerSeal } from "./peer-seal.ts";
