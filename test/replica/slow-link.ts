import type { ServiceHandler, Transport } from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Number of bytes of a call that pass before the next call's turn. */
const PIECE_BYTES = 1024;

/** The approximate size of a message without its payload. */
const ENVELOPE_BYTES = 60;

interface Transfer {
  leftBytes: number;
  readonly arrived: () => void;
}

/**
 * A link with a limited rate, shared by all calls on it. Calls take turns, as on separate connections, or follow one
 * another, as on a connection that keeps order. A cancelled call leaves the link, unless the link keeps order: there
 * its bytes are already written.
 */
export class SlowLink {
  /** The number of bytes carried so far. */
  carriedBytes = 0;
  readonly #clock: VirtualClock;
  readonly #msPerByte: number;
  readonly #keepsOrder: boolean;
  #transfers: Transfer[] = [];
  #isBusy = false;

  constructor(clock: VirtualClock, options: { bytesPerSecond: number; keepsOrder?: boolean }) {
    this.#clock = clock;
    this.#msPerByte = 1000 / options.bytesPerSecond;
    this.#keepsOrder = options.keepsOrder ?? false;
  }

  /** Resolves when all bytes have arrived, or when the call was cancelled. */
  carry(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const callOff = () => {
        if (!this.#keepsOrder) this.#transfers = this.#transfers.filter((other) => other !== transfer);
        resolve();
      };
      const arrived = () => {
        signal.removeEventListener("abort", callOff);
        resolve();
      };
      const transfer = { leftBytes: bytes, arrived };
      this.#transfers.push(transfer);
      signal.addEventListener("abort", callOff, { once: true });
      if (!this.#isBusy) this.#next();
    });
  }

  #next(): void {
    const transfer = this.#transfers.shift();
    this.#isBusy = transfer !== undefined;
    if (transfer === undefined) return;
    const piece = this.#keepsOrder ? transfer.leftBytes : Math.min(PIECE_BYTES, transfer.leftBytes);
    transfer.leftBytes -= piece;
    if (transfer.leftBytes > 0) this.#transfers.push(transfer);
    this.#clock.setTimer(piece * this.#msPerByte, () => {
      this.carriedBytes += piece;
      if (transfer.leftBytes === 0) transfer.arrived();
      this.#next();
    });
  }
}

/** Carries the calls to some peers over slow links. Replies are small, and not delayed. */
export class SlowTransport implements Transport {
  readonly #inner: Transport;
  readonly #linkTo: (to: ReplicaId) => SlowLink | undefined;

  constructor(inner: Transport, linkTo: (to: ReplicaId) => SlowLink | undefined) {
    this.#inner = inner;
    this.#linkTo = linkTo;
  }

  serve(service: string, handler: ServiceHandler): Promise<void> {
    return this.#inner.serve(service, handler);
  }

  async call(to: ReplicaId, service: string, payload: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    await this.#linkTo(to)?.carry(ENVELOPE_BYTES + payload.length, signal);
    // If the signal has ended meanwhile, the call fails as it should.
    return this.#inner.call(to, service, payload, signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#inner[Symbol.asyncDispose]();
  }
}
