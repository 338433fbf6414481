export { NatsTransport, type NatsTransportOptions } from "./nats-transport.ts";
