import { TransportError } from "../../../ports/index.ts";
import type { RandomStream } from "./random.ts";
import type { Host, Scheduler } from "./scheduler.ts";
import type { Trace } from "./trace.ts";

/** The basic quality of the network. Times in microseconds, probabilities in thousandths, per leg of a call. */
export interface NetworkClass {
  /** Range of a message's delay, in microseconds. */
  readonly delayUs: readonly [min: number, max: number];
  /** Lost messages per thousand. */
  readonly dropPermille: number;
  /** Requests that arrive twice, per thousand. */
  readonly duplicatePermille: number;
  /** A very late message: many others overtake it. */
  readonly slowPermille: number;
  /** Longest delay of such a message, in microseconds. */
  readonly slowUs: number;
  /** A request that arrives again long after it was answered. */
  readonly replayPermille: number;
  /** The reply to an earlier call arrives instead of the right one, as on a connection out of step. */
  readonly crossedPermille: number;
  /** Whether a machine without the process refuses connections at once. */
  readonly refuses: boolean;
  /** Whether two thirds of the replies come 200 ms to 2.2 s late, so that they overtake each other. */
  readonly lateReplies?: boolean;
  /** Time after which a call over a cut link fails for its caller. Absent: never. */
  readonly cutFailsUs?: readonly [min: number, max: number];
  /** Bandwidth of each direction of a link in bytes per second. Absent: unlimited. */
  readonly bytesPerSecond?: number;
}

/** A machine's position on the network, with or without a process. */
export interface Station {
  readonly host: Host;
  /** Increases with every process started there. */
  readonly era: number;
  /** Handles the bytes of a call. Undefined if no process runs. */
  handle(bytes: Uint8Array): Promise<Uint8Array> | undefined;
}

/** Temporary trouble on all links, in addition to that of the network's class. */
export interface Weather {
  readonly dropPermille: number;
  readonly extraDelayUs: number;
}

/** A request or a reply as it leaves its sender. */
export interface Carried {
  readonly leg: "request" | "reply";
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

/** A reply, and the request that it belongs to. `to` is the caller. */
export interface Answered {
  readonly from: number;
  readonly to: number;
  readonly request: Uint8Array;
  readonly reply: Uint8Array;
}

/** Someone on the network who sees all messages. */
export interface Tap {
  carried(carried: Carried): void;
  /** Returns what the caller gets instead of the reply. */
  answered(answered: Answered): Uint8Array;
}

/** The number of the machine that messages from outside of the cluster come from. */
export const OUTSIDER = 63;

/** One leg of a call, on its way between two stations. */
interface Datagram {
  readonly leg: "request" | "reply";
  /** The process that it is for, if there is one: it never arrives once that has ended. */
  readonly host: Host | undefined;
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
  readonly arrive: (bytes: Uint8Array) => void;
}

const nothing = new Uint8Array();

/** Time after its transmission within which a request may arrive again. */
export const REPLAY_WITHIN_MS = 5_000;

/** A message that would wait longer than this for a narrow link is lost, because the link's buffer is full. */
const BUFFER_US = 1_500_000;

/**
 * A datagram network between numbered stations, with independent directions. Messages are lost, delayed, duplicated and
 * reordered, and links are cut in one direction or both.
 */
export class Network {
  readonly stations: Station[] = [];
  weather: Weather = { dropPermille: 0, extraDelayUs: 0 };
  /** Sees all calls. Undefined if nobody does. */
  tap: Tap | undefined;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #random: RandomStream;
  readonly #streams = new Map<number, RandomStream>();
  #class: NetworkClass;
  /** The number of faults that cut each link. */
  readonly #cuts = new Map<number, number>();
  /** When each narrow link has sent its earlier messages, in microseconds. */
  readonly #busyUntilUs = new Map<number, number>();
  /** Stations with less bandwidth than the network's class, in bytes per second. */
  readonly #narrow = new Map<number, number>();
  readonly #lastReplies = new Map<number, Uint8Array>();
  /** The newest request on each link between replicas, for faults that forge or repeat one. */
  readonly lastRequests: Map<number, Uint8Array> = new Map();

  constructor(scheduler: Scheduler, trace: Trace, random: RandomStream, networkClass: NetworkClass) {
    this.#scheduler = scheduler;
    this.#trace = trace;
    this.#random = random;
    this.#class = networkClass;
  }

  /** Changes the class of the network. */
  become(networkClass: NetworkClass): void {
    this.#class = networkClass;
  }

  /** Whether a machine without a listener refuses connections. */
  get refuses(): boolean {
    return this.#class.refuses;
  }

  cut(from: number, to: number): void {
    const link = linkOf(from, to);
    this.#cuts.set(link, (this.#cuts.get(link) ?? 0) + 1);
  }

  mend(from: number, to: number): void {
    const link = linkOf(from, to);
    this.#cuts.set(link, Math.max(0, (this.#cuts.get(link) ?? 0) - 1));
  }

  /** Limits the bandwidth of every link of a station. Undefined: that of the class. */
  narrow(station: number, bytesPerSecond: number | undefined): void {
    if (bytesPerSecond === undefined) this.#narrow.delete(station);
    else this.#narrow.set(station, bytesPerSecond);
  }

  mendAll(): void {
    this.#cuts.clear();
    this.#narrow.clear();
    this.#busyUntilUs.clear();
    this.weather = { dropPermille: 0, extraDelayUs: 0 };
  }

  isCut(from: number, to: number): boolean {
    return (this.#cuts.get(linkOf(from, to)) ?? 0) > 0;
  }

  /**
   * Delivers a call and its reply. Never resolves if either is lost.
   *
   * @param caller the process that waits; a reply to one that has ended is dropped
   * @throws TransportError `unreachable` if there is no listener and the network refuses
   */
  exchange(caller: Host, from: number, to: number, bytes: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.lastRequests.set(linkOf(from, to), bytes);
      this.tap?.carried({ leg: "request", from, to, bytes });
      const { cutFailsUs } = this.#class;
      if (cutFailsUs !== undefined && this.isCut(from, to)) {
        const delayUs = this.#streamOf(from, to).between(...cutFailsUs);
        this.#failAfter(delayUs, caller, reject);
      }
      const arrive = (arrived: Uint8Array) => {
        const answered = this.stations[to]?.handle(arrived);
        if (answered === undefined) {
          if (this.#class.refuses) this.#refuse(caller, to, from, reject);
          return;
        }
        answered.then((reply) => {
          const bytes = this.#tapped({
            from: to,
            to: from,
            request: arrived,
            reply: this.#crossed(to, from, reply),
          });
          this.#carry({ leg: "reply", host: caller, from: to, to: from, bytes, arrive: resolve });
        });
      };
      this.#carry({ leg: "request", host: this.#hostAt(to), from, to, bytes, arrive });
    });
  }

  /** Delivers a request without a sender. Returns undefined if there is no listener. */
  inject(to: number, bytes: Uint8Array): Promise<Uint8Array> | undefined {
    return this.stations[to]?.handle(bytes);
  }

  /** Delivers something other than bytes. `arrive` runs at its arrival, never, or repeatedly. */
  carry(from: number, to: number, arrive: () => void): void {
    this.#carry({ leg: "request", host: this.#hostAt(to), from, to, bytes: nothing, arrive });
  }

  #hostAt(station: number): Host | undefined {
    return this.stations[station]?.host;
  }

  #carry(datagram: Datagram): void {
    const { leg, from, to, bytes, arrive } = datagram;
    const random = this.#streamOf(from, to);
    const { dropPermille, duplicatePermille, replayPermille } = this.#class;
    this.#trace.record("send", from, [to, bytes.length, leg === "request" ? 0 : 1]);
    const lost = random.chance(dropPermille) || random.chance(this.weather.dropPermille);
    if (lost || this.isCut(from, to)) return this.#trace.record("lose", from, [to]);
    const transferUs = this.#transferUs(from, to, bytes.length);
    if (transferUs === Number.POSITIVE_INFINITY) return this.#trace.record("lose", from, [to]);
    const lateUs = leg === "reply" && this.#class.lateReplies === true ? latenessUs(random) : 0;
    this.#deliver(datagram, transferUs + this.#delayUs(random) + lateUs);
    if (random.chance(duplicatePermille)) {
      if (leg === "request") this.#trace.marks.add("a request that arrives twice");
      this.#deliver(datagram, this.#delayUs(random));
    }
    if (leg === "request" && random.chance(replayPermille)) {
      const era = this.stations[to]?.era;
      const arriveAgain = (again: Uint8Array) => {
        if (this.stations[to]?.era !== era) this.#trace.marks.add("a request from before a restart");
        arrive(again);
      };
      this.#deliver({ ...datagram, arrive: arriveAgain }, random.below(1000 * REPLAY_WITHIN_MS));
    }
  }

  #deliver({ leg, host, from, to, bytes, arrive }: Datagram, delayUs: number): void {
    this.#scheduler.after(delayUs, host, () => {
      if (this.isCut(from, to)) return this.#trace.record("lose", from, [to]);
      this.#trace.record("deliver", to, [from, bytes.length, leg === "request" ? 0 : 1]);
      // Copied, because the receiver may keep views of it.
      arrive(leg === "request" ? bytes.slice() : bytes);
    });
  }

  /** Returns how long a message waits for its link and takes to pass it. A single message always fits. */
  #transferUs(from: number, to: number, bytes: number): number {
    const rate = Math.min(
      this.#class.bytesPerSecond ?? Number.POSITIVE_INFINITY,
      this.#narrow.get(from) ?? Number.POSITIVE_INFINITY,
      this.#narrow.get(to) ?? Number.POSITIVE_INFINITY,
    );
    if (rate === Number.POSITIVE_INFINITY) return 0;
    const { nowUs } = this.#scheduler;
    const link = linkOf(from, to);
    const waitUs = Math.max(0, (this.#busyUntilUs.get(link) ?? 0) - nowUs);
    if (waitUs > BUFFER_US) return Number.POSITIVE_INFINITY;
    const transferUs = waitUs + Math.ceil((bytes * 1_000_000) / rate);
    this.#busyUntilUs.set(link, nowUs + transferUs);
    return transferUs;
  }

  #refuse(caller: Host, from: number, to: number, reject: (error: TransportError) => void): void {
    this.#failAfter(this.#delayUs(this.#streamOf(from, to)), caller, reject);
  }

  #failAfter(delayUs: number, caller: Host, reject: (error: TransportError) => void): void {
    this.#scheduler.after(delayUs, caller, () =>
      reject(new TransportError("unreachable", "no process runs there")),
    );
  }

  #crossed(from: number, to: number, reply: Uint8Array): Uint8Array {
    const link = linkOf(from, to);
    const earlier = this.#lastReplies.get(link);
    this.#lastReplies.set(link, reply);
    const crossed = earlier !== undefined && this.#streamOf(from, to).chance(this.#class.crossedPermille);
    if (crossed) this.#trace.marks.add("a reply to another call refused");
    return crossed ? earlier : reply;
  }

  #tapped(answered: Answered): Uint8Array {
    const { from, to, reply } = answered;
    if (this.tap === undefined) return reply;
    this.tap.carried({ leg: "reply", from, to, bytes: reply });
    return this.tap.answered(answered);
  }

  #delayUs(random: RandomStream): number {
    const { delayUs, slowPermille, slowUs } = this.#class;
    const slow = random.chance(slowPermille) ? random.below(slowUs) : 0;
    return random.between(delayUs[0], delayUs[1]) + slow + this.weather.extraDelayUs;
  }

  #streamOf(from: number, to: number): RandomStream {
    const link = linkOf(from, to);
    let stream = this.#streams.get(link);
    if (stream === undefined) {
      stream = this.#random.fork(link);
      this.#streams.set(link, stream);
    }
    return stream;
  }
}

function linkOf(from: number, to: number): number {
  return from * 64 + to;
}

/** As the labs' network reorders replies. */
function latenessUs(random: RandomStream): number {
  if (random.below(3) === 0) return 0;
  return 1000 * (200 + random.below(1 + random.below(2000)));
}
