import {
  type ConnectionOptions,
  connect,
  ErrorCode,
  Events,
  type NatsConnection,
  NatsError,
  type Status,
} from "nats";
import { type Logger, TransportError } from "../../src/ports/index.ts";
import { reconnectDelay } from "./reconnect-delay.ts";
import { ReportedWait } from "./reported-wait.ts";
import { sleep } from "./sleep.ts";
import { unlessClosed } from "./unless-closed.ts";

/** Servers and credentials: the part of the library's `ConnectionOptions` that {@link ReconnectingConnection} does not set. */
export type ConnectionSettings = Pick<
  ConnectionOptions,
  "authenticator" | "pass" | "servers" | "tls" | "token" | "user"
> & {
  /** Interval of pings in ms. The server is given up after two missed pings. */
  readonly pingIntervalMs: number;
  readonly logger: Logger;
};

/** Called as a connection comes and goes. A connection outlives its servers: the library renews its subscriptions at the next one. */
export interface ConnectionHandlers {
  /** Called after each new connection. When it resolves, `connected` resolves. */
  readonly connected: (connection: NatsConnection) => Promise<void>;
  /** Called when the connection reached a server, for the first time or again. */
  readonly settled: (connection: NatsConnection) => Promise<void>;
  /** Called when the connection to a server broke. */
  readonly lost: () => void;
}

/** Delay between two attempts to connect, in ms. */
const retryMs = 250;

/**
 * A connection to NATS that is made again whenever it is missing: the server has not started yet, went away, or rejects
 * the credentials. Without a server nothing is sent, and nothing is buffered to be sent later.
 */
export class ReconnectingConnection implements AsyncDisposable {
  readonly #options: ConnectionSettings;
  readonly #handlers: ConnectionHandlers;
  readonly #closing = new AbortController();
  /** Resolves when the handler `connected` has finished for the first time. */
  readonly connected: Promise<void>;
  readonly #running: Promise<void>;
  #connection: NatsConnection | undefined;
  #isUp = false;
  /** Errors already logged since the last reconnect: one that comes with every message is logged once. */
  readonly #reported = new Set<string>();

  constructor(options: ConnectionSettings, handlers: ConnectionHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    let ready = (): void => {};
    this.connected = new Promise((resolve) => {
      ready = resolve;
    });
    this.#running = this.#run(ready);
  }

  /** The current or the last connection; undefined before the first one. */
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
    // Makes sure that the server knows of the removed subscriptions. A server that is away notices the closed connection.
    if (this.#isUp) await this.#connection?.flush().catch(() => {});
    this.#isUp = false;
    await this.#connection?.close();
    await this.#running;
  }

  async #run(ready: () => void): Promise<void> {
    const { logger } = this.#options;
    for (;;) {
      const connection = await this.#connect();
      if (connection === undefined) return;
      this.#connection = connection;
      this.#isUp = true;
      logger.info("connected to NATS at {server}", {
        event: "nats.connected",
        server: connection.getServer(),
      });
      // Not awaited: the library never ends the iteration, not even when the connection is closed.
      void this.#watch(connection);
      void this.#use(connection, ready);
      await connection.closed();
      this.#lost(connection);
      if (this.#closing.signal.aborted) return;
      await sleep(retryMs, this.#closing.signal);
    }
  }

  async #use(connection: NatsConnection, ready: () => void): Promise<void> {
    try {
      await this.#handlers.connected(connection);
      await connection.flush();
      ready();
      await this.#handlers.settled(connection);
    } catch (error) {
      if (!connection.isClosed()) this.#report(String(error));
    }
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === Events.Disconnect) this.#lost(connection);
      else if (status.type === Events.Reconnect) this.#reconnected(connection);
      else if (status.type === Events.Error) this.#report(errorOf(status));
    }
  }

  #lost(connection: NatsConnection): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    const server = connection.getServer();
    this.#options.logger.warn("lost NATS at {server}; trying to reach it again", {
      event: "nats.lost",
      server,
    });
    this.#handlers.lost();
  }

  #reconnected(connection: NatsConnection): void {
    this.#isUp = true;
    this.#reported.clear();
    const server = connection.getServer();
    this.#options.logger.info("connected to NATS again, at {server}", { event: "nats.connected", server });
    this.#handlers.settled(connection).catch((error) => this.#report(String(error)));
  }

  #report(error: string): void {
    if (this.#reported.has(error)) return;
    this.#reported.add(error);
    this.#options.logger.error("NATS says: {error}", { event: "nats.error", error });
  }

  /** Tries until there is a connection; returns undefined if this was disposed meanwhile. */
  async #connect(): Promise<NatsConnection | undefined> {
    const { pingIntervalMs, logger, ...given } = this.#options;
    const options = {
      ...given,
      maxReconnectAttempts: -1,
      reconnectDelayHandler: reconnectDelay(retryMs, () => performance.now()),
      pingInterval: pingIntervalMs,
      maxPingOut: 2,
      timeout: 2000,
      // Credentials that are rejected now may be accepted after an operator changed the server.
      ignoreAuthErrorAbort: true,
    };
    const { signal } = this.#closing;
    const wait = new ReportedWait(logger);
    while (!signal.aborted) {
      try {
        return await unlessClosed(connect(options), signal);
      } catch (error) {
        wait.failed(reasonOf(error));
        await sleep(retryMs, signal);
      }
    }
    return undefined;
  }
}

/** The reason of a failed connection in words, for the code that the library has no words for. */
function reasonOf(error: unknown): string {
  if (error instanceof NatsError && error.code === ErrorCode.ServerOptionNotAvailable) {
    return `the server does not offer ${error.message}`;
  }
  return String(error);
}

function errorOf({ data, permissionContext }: Status): string {
  if (permissionContext === undefined) return String(data);
  const { operation, subject } = permissionContext;
  // Every caller has another inbox: without its name, equal errors are equal texts.
  return `${data}: no permission for ${operation}, ${subject.replace(/\._inbox\..*/, "._inbox.>")}`;
}
