import type { StateMachine } from "../../ports/index.ts";
import { TransportError } from "../../ports/index.ts";
import type { ReplicaId } from "../../raft/index.ts";
import { Raft } from "../../replica/index.ts";
import { checkLinearizability, type Model } from "../linearizability/index.ts";
import type { Asked, Client, ClientEnvironment, Ended, Subject } from "./subject.ts";
import type { RandomStream } from "./world/index.ts";

/** A state machine to simulate, and its specification. */
export interface StateMachineSubject<State, Input, Output> {
  /** For messages. */
  readonly name: string;
  /** Creates a fresh one for each start of a replica. */
  readonly stateMachine: () => StateMachine<Output>;
  /** Encodes an operation as a command of the log. */
  readonly encode: (input: Input) => Uint8Array;
  /** Draws an operation of a client. It is plain data, so that it can be written to a file. */
  readonly draw: (random: RandomStream, number: number) => Input;
  /** Operations that show the state, executed at the end. Default: none. */
  readonly closing?: readonly Input[];
  /** The specification of the operations. */
  readonly model: Model<State, Input, Output>;
}

/**
 * Creates a subject for the simulator: a `Raft` with this state machine. Each operation goes through the log.
 *
 * @param options the state machine, its operations and their specification
 * @example
 * ```ts
 * import { modelOf } from "ruaft/testing/linearizability";
 * import { simulate, stateMachineSubject } from "ruaft/testing/simulator";
 *
 * const counter = stateMachineSubject({
 *   name: "counter",
 *   stateMachine: () => {
 *     let count = 0;
 *     return {
 *       apply: ([amount = 0]: Uint8Array) => (count += amount),
 *       snapshot: () => [new TextEncoder().encode(String(count))],
 *       async restore(chunks: AsyncIterable<Uint8Array>) {
 *         let text = "";
 *         for await (const chunk of chunks) text += new TextDecoder().decode(chunk);
 *         count = Number(text);
 *       },
 *     };
 *   },
 *   encode: (amount: number) => Uint8Array.of(amount),
 *   draw: (random) => random.between(0, 9),
 *   model: modelOf({
 *     name: "counter",
 *     initial: 0,
 *     apply: (count, amount: number) => ({ state: count + amount, output: count + amount }),
 *   }),
 * });
 * const { failure } = await simulate(counter, { seeds: 2 });
 * console.log(failure); // undefined
 * ```
 */
export function stateMachineSubject<State, Input, Output>(
  options: StateMachineSubject<State, Input, Output>,
): Subject<Input, Output> {
  const { name, encode, draw, model, closing = [] } = options;
  return {
    name,
    closing,
    draw,
    check: (history) => checkLinearizability(history, model),
    async start(environment) {
      const stateMachine = options.stateMachine();
      const raft = await Raft.start({ ...environment, stateMachine });
      return {
        raft,
        state: () => stateMachine.snapshot(),
        ask: (input, signal) => propose(raft, encode(input), signal),
      };
    },
    client: (environment) => new PlainClient(environment),
  };
}

async function propose<Output>(
  raft: Raft<Output>,
  command: Uint8Array,
  signal: AbortSignal,
): Promise<Asked<Output>> {
  const outcome = await raft.propose(command, { signal });
  switch (outcome.type) {
    case "committed":
      return { type: "done", output: outcome.result, index: outcome.index };
    case "notLeader":
      return { type: "retry", leader: outcome.leader };
    case "overloaded":
    case "lost":
      return { type: "retry", leader: undefined };
    case "unknown":
      return outcome;
  }
}

const PAUSE_MS = 20;

/**
 * Asks one replica after another until one has executed the operation. An operation that may have started is not
 * repeated.
 */
class PlainClient<Input, Output> implements Client<Input, Output> {
  readonly #environment: ClientEnvironment<Input, Output>;
  #turn = 0;

  constructor(environment: ClientEnvironment<Input, Output>) {
    this.#environment = environment;
  }

  async call(input: Input, signal: AbortSignal, timeoutMs: number): Promise<Ended<Output>> {
    const { clock, ask } = this.#environment;
    const controller = new AbortController();
    const end = () => controller.abort();
    const cancel = clock.setTimer(timeoutMs, end);
    signal.addEventListener("abort", end, { once: true });
    try {
      for (let leader: ReplicaId | undefined; !controller.signal.aborted; ) {
        const answer = await ask(leader ?? this.#next(), input, controller.signal);
        if (answer.type === "done") return { type: "done", output: answer.output };
        if (answer.type === "unknown") return answer;
        leader = answer.leader;
        await new Promise<void>((resolve) => clock.setTimer(PAUSE_MS, resolve));
      }
      return { type: "none" };
    } catch (error) {
      if (error instanceof TransportError) return { type: "unknown" };
      throw error;
    } finally {
      cancel();
      signal.removeEventListener("abort", end);
    }
  }

  #next(): ReplicaId {
    const { voters } = this.#environment;
    const next = voters[this.#turn++ % voters.length];
    if (next === undefined) throw new RangeError("voters: at least one is required");
    return next;
  }
}
