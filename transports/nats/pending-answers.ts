import { createInbox, type Msg, type NatsConnection } from "nats";
import { TransportError } from "../../src/ports/index.ts";

interface Waiting {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: TransportError) => void;
}

/** The calls that wait for their answers, all of them below one inbox. A call that is given up leaves nothing behind. */
export class PendingAnswers {
  readonly #inbox: string;
  readonly #waiting = new Map<string, Waiting>();
  #last = 0;

  /** @param prefix of all subjects on which answers come */
  constructor(prefix: string) {
    this.#inbox = createInbox(prefix);
  }

  listen(connection: NatsConnection): void {
    connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        // Of an error the link tells.
        if (error === null) this.#arrived(message);
      },
    });
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param ended ends the wait
   * @throws TransportError `unreachable` if nobody listens there, or the connection is lost meanwhile
   */
  ask(
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

  /** The answers that are still out may have been lost: whoever waits for them is told. */
  lost(): void {
    for (const { reject } of this.#waiting.values()) {
      reject(new TransportError("unreachable", "the connection to NATS broke"));
    }
    this.#waiting.clear();
  }

  #arrived({ subject, data, headers }: Msg): void {
    const waiting = this.#waiting.get(subject);
    this.#waiting.delete(subject);
    if (headers?.code === 503) waiting?.reject(new TransportError("unreachable", "nobody listens there"));
    // The library keeps what it read in larger pieces: a view would hold on to them.
    else waiting?.resolve(data.slice());
  }
}
