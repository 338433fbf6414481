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
import { pause } from "./pause.ts";
import { reconnectDelay } from "./reconnect-delay.ts";
import { ReportedWait } from "./reported-wait.ts";
import { unlessClosed } from "./unless-closed.ts";

/** What nats-server is told, and how it is found. All of `ConnectionOptions` but what the link sees to itself. */
export type LinkOptions = Pick<
  ConnectionOptions,
  "authenticator" | "pass" | "servers" | "tls" | "token" | "user"
> & {
  /** How soon a server that says nothing is given up: twice this, in ms. */
  readonly pingIntervalMs: number;
  readonly logger: Logger;
};

/** What is done with a connection. It outlives its servers, and what was subscribed to is so again at the next. */
export interface LinkHandlers {
  /** A connection was made. Where that is over, the link is `connected`. */
  readonly connected: (connection: NatsConnection) => Promise<void>;
  /** It has a server, for the first time or again. */
  readonly settled: (connection: NatsConnection) => Promise<void>;
  readonly lost: () => void;
}

/** How long to wait between two tries to connect, in ms. */
const retryMs = 250;

/**
 * A connection to NATS that is kept up for ever: it waits for a server that is not there yet, for one that went away,
 * and for one that lets nobody in. While there is none, nothing is sent, and nothing is kept to be sent later.
 */
export class Link implements AsyncDisposable {
  readonly #options: LinkOptions;
  readonly #handlers: LinkHandlers;
  readonly #closing = new AbortController();
  /** Resolves when the first connection was made. */
  readonly connected: Promise<void>;
  readonly #running: Promise<void>;
  #connection: NatsConnection | undefined;
  #isUp = false;
  /** The errors that were told of: one that comes with every message is told of once. */
  readonly #reported = new Set<string>();

  constructor(options: LinkOptions, handlers: LinkHandlers) {
    this.#options = options;
    this.#handlers = handlers;
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
      // The library never ends it, not even when the connection is closed: nobody may wait for it.
      void this.#watch(connection);
      void this.#use(connection, ready);
      await connection.closed();
      this.#lost(connection);
      if (this.#closing.signal.aborted) return;
      await pause(retryMs, this.#closing.signal);
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
      else if (status.type === Events.Reconnect) this.#back(connection);
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

  #back(connection: NatsConnection): void {
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

  /** Until there is a connection; undefined if the link was closed meanwhile. */
  async #connect(): Promise<NatsConnection | undefined> {
    const { pingIntervalMs, logger, ...given } = this.#options;
    const options = {
      ...given,
      maxReconnectAttempts: -1,
      reconnectDelayHandler: reconnectDelay(retryMs, () => performance.now()),
      pingInterval: pingIntervalMs,
      maxPingOut: 2,
      timeout: 2000,
      // Who is turned away today may be let in tomorrow.
      ignoreAuthErrorAbort: true,
    };
    const { signal } = this.#closing;
    const wait = new ReportedWait(logger);
    while (!signal.aborted) {
      try {
        return await unlessClosed(connect(options), signal);
      } catch (error) {
        wait.goesOn(reasonOf(error));
        await pause(retryMs, signal);
      }
    }
    return undefined;
  }
}

/** Why there is no connection if the library does not say it in words. */
function reasonOf(error: unknown): string {
  if (error instanceof NatsError && error.code === ErrorCode.ServerOptionNotAvailable) {
    return `the server does not offer ${error.message}`;
  }
  return String(error);
}

function errorOf({ data, permissionContext }: Status): string {
  if (permissionContext === undefined) return String(data);
  const { operation, subject } = permissionContext;
  // Answers go to an inbox of each asker's own.
  return `${data}: no permission for ${operation}, ${subject.replace(/\._inbox\..*/, "._inbox.>")}`;
}
