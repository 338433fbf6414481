import type { ReadResult, WriteResult } from "../kvraft/index.ts";
import type { ReplicaState } from "../ports/index.ts";
import { noAnswer } from "./no-answer.ts";
import { problem } from "./problems.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The responses to the store's requests, by whichever way a request came. */
export class StoreAnswers {
  readonly #status: () => ReplicaState;
  /** The gets answered by this replica. */
  #gets = 0;

  /** @param status returns the current state of this replica */
  constructor(status: () => ReplicaState) {
    this.#status = status;
  }

  /**
   * `key!counter!value`. The counter counts the gets answered by this replica, from 0. An absent key has an empty value.
   *
   * @param name the key as the client sent it
   */
  read(name: string, result: ReadResult): Response {
    if (result.type === "unavailable") return noAnswer(result, this.#status);
    if (result.type === "tooLarge") {
      const most = `value: at most ${result.limitBytes} bytes can be forwarded to the leader`;
      return problem("tooLarge", `${most}; send it to the leader directly`);
    }
    const value = result.value === undefined ? "" : utf8.decode(result.value);
    return new Response(`${name}!${this.#gets++}!${value}`);
  }

  /** `OK`, or why nothing was written. */
  write(result: WriteResult): Response {
    switch (result.type) {
      case "written":
        return new Response("OK");
      case "tooLarge":
        return problem("tooLarge", `value: would grow beyond ${result.limitBytes} bytes`);
      case "unavailable":
        return noAnswer(result, this.#status);
    }
  }
}
