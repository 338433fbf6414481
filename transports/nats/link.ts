import { type ConnectionOptions, connect, ErrorCode, Events, type NatsConnection, NatsError } from "nats";
import { type Logger, TransportError } from "../../src/ports/index.ts";

/** What nats-server is told, and how it is found. All of `ConnectionOptions` but what the link sees to itself. */
export type LinkOptions = Pick<
  ConnectionOptions,
  "authenticator" | "pass" | "servers" | "tls" | "token" | "user"
> & {
  /** How soon a server that says nothing is given up: twice this, in ms. */
  readonly pingIntervalMs: number;
  readonly logger: Logger;
};

/** How long to wait between two tries to connect, in ms. */
const retryMs = 250;

/**
 * A connection to NATS that is kept up for ever: it waits for a server that is not there yet, and for one that went
 * away. While there is none, nothing is sent, and nothing is kept to be sent later.
 */
export class Link implements AsyncDisposable {
  readonly #options: LinkOptions;
  /** Does what belongs to each connection that is made: once, for it outlives its servers. */
  readonly #onConnected: (connection: NatsConnection) => void;
  readonly #onLost: () => void;
  readonly #closing = new AbortController();
  /** Resolves when the server was reached for the first time, and knows what `connected` asked it for. */
  readonly connected: Promise<void>;
  readonly #running: Promise<void>;
  #connection: NatsConnection | undefined;
  #isUp = false;

  constructor(options: LinkOptions, connected: (connection: NatsConnection) => void, lost: () => void) {
    this.#options = options;
    this.#onConnected = connected;
    this.#onLost = lost;
    let ready = (): void => {};
    this.connected = new Promise((resolve) => {
      ready = resolve;
    });
    this.#running = this.#run(ready);
  }

  /** The connection that is up, or was the last to be; undefined until there was one. */
  get last(): NatsConnection | undefined {
    return this.#connection;
  }

  /** @throws TransportError `unreachable` while there is no server */
  get connection(): NatsConnection {
    if (this.#connection === undefined || !this.#isUp) {
      throw new TransportError("unreachable", "there is no connection to NATS");
    }
    return this.#connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    // The server has heard by then that nobody listens any more; one that is away will notice by itself.
    if (this.#isUp) await this.#connection?.flush().catch(() => {});
    this.#isUp = false;
    await this.#connection?.close();
    await this.#running;
  }

  async #run(ready: () => void): Promise<void> {
    const connection = await this.#connect();
    if (connection === undefined) return;
    const { logger } = this.#options;
    this.#connection = connection;
    this.#isUp = true;
    logger.info("connected to NATS at {server}", { server: connection.getServer() });
    this.#onConnected(connection);
    connection.flush().then(ready, () => {});
    // The library never ends it, not even when the connection is closed: nobody may wait for it.
    void this.#watch(connection);
  }

  async #watch(connection: NatsConnection): Promise<void> {
    const { logger } = this.#options;
    for await (const { type, data } of connection.status()) {
      if (type === Events.Disconnect && this.#isUp) {
        this.#isUp = false;
        logger.warn("lost NATS at {server}; trying to reach it again", { server: String(data) });
        this.#onLost();
      } else if (type === Events.Reconnect) {
        this.#isUp = true;
        logger.info("connected to NATS again, at {server}", { server: String(data) });
      } else if (type === Events.Error) {
        logger.error("NATS says: {error}", { error: String(data) });
      }
    }
  }

  /** Until there is a connection; undefined where the link was closed meanwhile. */
  async #connect(): Promise<NatsConnection | undefined> {
    const { pingIntervalMs, logger, ...given } = this.#options;
    const options = {
      ...given,
      maxReconnectAttempts: -1,
      reconnectTimeWait: retryMs,
      reconnectJitter: 0,
      pingInterval: pingIntervalMs,
      maxPingOut: 2,
      timeout: 2000,
    };
    let reason = "";
    while (!this.#closing.signal.aborted) {
      try {
        const connection = await connect(options);
        if (!this.#closing.signal.aborted) return connection;
        await connection.close();
      } catch (error) {
        const last = reason;
        reason = reasonOf(error);
        if (reason !== last) logger.warn("waiting for NATS: {reason}", { reason });
        await this.#pause();
      }
    }
    return undefined;
  }

  #pause(): Promise<void> {
    const { signal } = this.#closing;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, retryMs);
      signal.addEventListener("abort", end);
    });
  }
}

/** Why there is no connection, where the library does not say it in words. */
function reasonOf(error: unknown): string {
  if (error instanceof NatsError && error.code === ErrorCode.ServerOptionNotAvailable) {
    return `the server does not offer ${error.message}`;
  }
  return String(error);
}
