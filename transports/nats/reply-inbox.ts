import { createInbox, type Msg, type NatsConnection } from "nats";
import { TransportError } from "../../src/ports/index.ts";

interface Waiting {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: TransportError) => void;
}

/** The calls in flight. Their replies come on subjects below one inbox. A call that is given up leaves nothing behind. */
export class ReplyInbox {
  readonly #inbox: string;
  readonly #waiting = new Map<string, Waiting>();
  #last = 0;

  /** @param prefix of all subjects on which replies come */
  constructor(prefix: string) {
    this.#inbox = createInbox(prefix);
  }

  listen(connection: NatsConnection): void {
    connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        // ReconnectingConnection logs errors.
        if (error === null) this.#arrived(message);
      },
    });
  }

  /**
   * Sends a request and waits for the reply.
   *
   * @param ended ends the wait
   * @throws TransportError `unreachable` if nobody subscribes to the subject, or the connection is lost meanwhile
   */
  request(
    connection: NatsConnection,
    subject: string,
    bytes: Uint8Array,
    ended: AbortSignal,
  ): Promise<Uint8Array> {
    const reply = `${this.#inbox}.${++this.#last}`;
    return new Promise((resolve, reject) => {
      const forget = () => this.#waiting.delete(reply);
      this.#waiting.set(reply, { resolve, reject });
      ended.addEventListener("abort", forget, { once: true });
      try {
        connection.publish(subject, bytes, { reply });
      } catch (error) {
        forget();
        reject(error);
      }
    });
  }

  /** Rejects all calls in flight, because their replies may have been lost with the connection. */
  lost(): void {
    for (const { reject } of this.#waiting.values()) {
      reject(new TransportError("unreachable", "the connection to NATS broke"));
    }
    this.#waiting.clear();
  }

  #arrived({ subject, data, headers }: Msg): void {
    const waiting = this.#waiting.get(subject);
    this.#waiting.delete(subject);
    if (headers?.code === 503)
      waiting?.reject(new TransportError("unreachable", "no process is subscribed to its subject"));
    // A copy: a view would keep the library's larger read buffer in memory.
    else waiting?.resolve(data.slice());
  }
}
