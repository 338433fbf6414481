/** The part of a network that is needed to cut links. */
interface Links {
  cut(from: number, to: number): void;
  mend(from: number, to: number): void;
}

/** The pairs of stations that can exchange messages, in both directions. */
export class Connections {
  readonly #links: Links;
  readonly #stations: number;
  readonly #isCut = new Set<number>();

  constructor(links: Links, stations: number) {
    this.#links = links;
    this.#stations = stations;
  }

  /** From now on only pairs accepted by `may` are connected. It is called with the lower number first. */
  allow(may: (a: number, b: number) => boolean): void {
    for (let b = 1; b < this.#stations; b++) {
      for (let a = 0; a < b; a++) this.#set(a, b, !may(a, b));
    }
  }

  #set(a: number, b: number, cut: boolean): void {
    const pair = a * this.#stations + b;
    if (this.#isCut.has(pair) === cut) return;
    if (cut) this.#isCut.add(pair);
    else this.#isCut.delete(pair);
    const change = cut ? "cut" : "mend";
    this.#links[change](a, b);
    this.#links[change](b, a);
  }
}
