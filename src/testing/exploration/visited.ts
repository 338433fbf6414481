/** A set of states, each identified by a 64-bit hash, with the action that first reached it. */
export class Visited {
  /** Two numbers a slot; both are 0 if it is free. */
  #slots = new Uint32Array(2 << 16);
  #size = 0;
  #parents = new Uint32Array(1 << 16);
  #actions = new Uint16Array(1 << 16);

  get size(): number {
    return this.#size;
  }

  /**
   * @param parent the number of the state that it was reached from
   * @param action the number of the action that reached it
   * @returns whether the state is new; its number is the previous size
   */
  add(state: readonly number[], parent: number, action: number): boolean {
    if (4 * this.#size > this.#slots.length) this.#grow();
    const [high, low] = [hash(state, 0x9e3779b1), (hash(state, 0x85ebca77) | 1) >>> 0];
    if (!this.#put(high, low)) return false;
    if (this.#size === this.#parents.length) {
      this.#parents = doubled(this.#parents, new Uint32Array(2 * this.#size));
      this.#actions = doubled(this.#actions, new Uint16Array(2 * this.#size));
    }
    this.#parents[this.#size] = parent;
    this.#actions[this.#size] = action;
    this.#size++;
    return true;
  }

  /** Returns the actions that lead to a state, from the first on. */
  pathTo(number: number): number[] {
    const path: number[] = [];
    for (let at = number; at > 0; at = this.#parents[at] ?? 0) path.push(this.#actions[at] ?? 0);
    return path.reverse();
  }

  #put(high: number, low: number): boolean {
    const slots = this.#slots;
    const mask = slots.length / 2 - 1;
    for (let slot = (high ^ (low >>> 1)) & mask; ; slot = (slot + 1) & mask) {
      if (slots[2 * slot + 1] === 0) {
        slots[2 * slot] = high;
        slots[2 * slot + 1] = low;
        return true;
      }
      if (slots[2 * slot] === high && slots[2 * slot + 1] === low) return false;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(2 * old.length);
    for (let at = 0; at < old.length; at += 2) {
      const [high = 0, low = 0] = [old[at], old[at + 1]];
      if (low !== 0) this.#put(high, low);
    }
  }
}

function doubled<Numbers extends Uint32Array | Uint16Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}

function hash(numbers: readonly number[], seed: number): number {
  let value = seed;
  for (const number of numbers) {
    value = Math.imul(value ^ number, 0xcc9e2d51);
    value = Math.imul(value ^ (value >>> 15), 0x1b873593);
    value ^= value >>> 13;
  }
  value = Math.imul(value ^ (value >>> 16), seed | 1);
  return (value ^ (value >>> 15)) >>> 0;
}
