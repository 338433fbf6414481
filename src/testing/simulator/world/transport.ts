import type { Introductions, Seal, SealHealth, ServiceHandler, Transport } from "../../../ports/index.ts";
import type { ReplicaId } from "../../../raft/index.ts";
import { Endpoint, type EndpointOptions, type SealHead, splitSealed } from "../../../rpc/index.ts";

/** Called with the payload of every reply of a replica just before it is sent. */
export type ReplyWatch = (service: string, payload: Uint8Array) => void;

/** The endpoint of a transport, and the functions that carry its bytes. */
export interface SimulatedEndpoint extends EndpointOptions {
  readonly exchange: (to: ReplicaId, message: Uint8Array) => Promise<Uint8Array>;
  readonly leave: () => void;
  readonly replyLeaves?: ReplyWatch;
  /** Wraps the replica's own judgement of the messages that arrive. */
  readonly judged?: (introductions: Introductions) => Introductions;
  /** Present if someone without the secret is on the network. */
  readonly outsider?: OutsiderWatch | undefined;
}

/** What is watched while someone without the secret is on the network. */
export interface OutsiderWatch {
  /** Whether an answer must be refused. */
  readonly isForged: (answer: Uint8Array) => boolean;
  /** A call succeeded by such an answer. */
  readonly tookForged: () => void;
}

const nothing = new Uint8Array();

/** A transport over the simulated network: the real codec and the real checks on simulated links. */
export class SimulatedTransport implements Transport {
  /** The number of calls that a handler got. */
  handled = 0;
  /** The number of messages whose introduction was judged. */
  judged = 0;
  /** The number of this process in sealed messages; 0 without a seal. */
  boot = 0;
  readonly #options: SimulatedEndpoint;
  readonly #endpoint: Endpoint;
  #introductions: Introductions | undefined;
  /** The numbers of the calls that came, by the number of the sender's process. */
  readonly #received = new Map<number, Set<number>>();
  #disposed = false;

  constructor(options: SimulatedEndpoint) {
    this.#options = options;
    const { seal } = options;
    this.#endpoint = new Endpoint({ ...options, seal: seal && this.#watched(seal) });
  }

  /** The cluster's uid as known to the replica; undefined if not known yet. */
  get clusterUid(): Uint8Array | undefined {
    return this.#introductions?.to(this.#options.self).clusterUid;
  }

  get sealing(): SealHealth | undefined {
    return this.#endpoint.sealing;
  }

  introduce(introductions: Introductions): void {
    const { judged } = this.#options;
    this.#introductions = judged === undefined ? introductions : judged(introductions);
    this.#endpoint.introduce(this.#counted(this.#introductions));
  }

  serve(service: string, handler: ServiceHandler): Promise<void> {
    const { replyLeaves } = this.#options;
    if (replyLeaves === undefined) return this.#endpoint.serve(service, handler);
    return this.#endpoint.serve(service, async (from, payload) => {
      this.handled++;
      const reply = await handler(from, payload);
      replyLeaves(service, reply);
      return reply;
    });
  }

  call(to: ReplicaId, service: string, payload: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const call = { to, service, payload, signal };
    const { exchange, outsider } = this.#options;
    if (outsider === undefined) return this.#endpoint.call(call, (message) => exchange(to, message));
    let isForged = false;
    const carry = async (message: Uint8Array) => {
      const answer = await exchange(to, message);
      isForged ||= outsider.isForged(answer);
      return answer;
    };
    return this.#endpoint.call(call, carry).then((reply) => {
      if (isForged) outsider.tookForged();
      return reply;
    });
  }

  /** Whether this sealed call has come before. Known only if `outsider` is present. */
  received({ sender, sequence }: SealHead): boolean {
    return this.#received.get(sender)?.has(sequence) === true;
  }

  /** Handles the bytes of a call, and returns those of its reply. */
  async handle(message: Uint8Array): Promise<Uint8Array> {
    if (this.#options.outsider !== undefined) this.#remember(message);
    return (await this.#endpoint.handle(message)).bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#endpoint[Symbol.dispose]();
    this.#options.leave();
  }

  #remember(message: Uint8Array): void {
    const frame = splitSealed(message);
    if (frame?.kind !== "call" || frame.receiver !== this.boot) return;
    // An altered copy may come before the call itself, which is taken then.
    if (this.#options.seal?.open(frame.head, nothing, frame) === undefined) return;
    const { sender, sequence } = frame;
    const numbers = this.#received.get(sender) ?? new Set();
    this.#received.set(sender, numbers.add(sequence));
  }

  #counted(introductions: Introductions): Introductions {
    return {
      to: (peer) => introductions.to(peer),
      refusal: (peer, introduction) => {
        this.judged++;
        return introductions.refusal(peer, introduction);
      },
    };
  }

  #watched(seal: Seal): Seal {
    return {
      ...seal,
      newBoot: () => {
        this.boot = seal.newBoot();
        return this.boot;
      },
    };
  }
}
