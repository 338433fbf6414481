/**
 * A transport over NATS request and reply.
 *
 * @module
 */
export type { ConnectionSettings } from "./connection.ts";
export { NatsTransport, type NatsTransportOptions } from "./nats-transport.ts";
