/** What storage devices write as one. */
export const SECTOR_BYTES = 512;

/** A file as its users see it, and what of it would survive a loss of power. */
export class FileContent {
  #now: Uint8Array;
  #size: number;
  #durable: Uint8Array;
  /** Where the sectors start that the next sync stores. */
  readonly #dirty = new Set<number>();

  constructor(durable: Uint8Array = new Uint8Array(0)) {
    this.#durable = durable;
    this.#now = durable.slice();
    this.#size = durable.length;
  }

  get size(): number {
    return this.#size;
  }

  /** What a loss of power would leave for certain. */
  get durable(): Uint8Array {
    return this.#durable;
  }

  get isDirty(): boolean {
    return this.#dirty.size > 0;
  }

  read(offset: number, length: number): Uint8Array {
    return this.#now.slice(offset, Math.min(offset + length, this.#size));
  }

  write(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    if (end > this.#now.length) this.#now = resized(this.#now, Math.max(end, 2 * this.#now.length));
    this.#size = Math.max(this.#size, end);
    this.#now.set(bytes, offset);
    for (let start = offset - (offset % SECTOR_BYTES); start < end; start += SECTOR_BYTES)
      this.#dirty.add(start);
  }

  truncate(size: number): void {
    if (size < this.#size) this.#now.fill(0, size, this.#size);
    if (size > this.#now.length) this.#now = resized(this.#now, size);
    this.#size = size;
  }

  sync(): void {
    this.#fit();
    for (const start of this.#dirty) this.#store(this.#durable, start);
    this.#dirty.clear();
  }

  /**
   * A sync that failed. The system goes on showing what was written and believes it stored, while of the sectors
   * only those that `stored` picks are.
   */
  failSync(stored: () => boolean): void {
    if (this.#size > this.#durable.length) this.#durable = resized(this.#durable, this.#size);
    for (const start of this.#dirty) if (stored()) this.#store(this.#durable, start);
    this.#dirty.clear();
  }

  /** What a loss of power leaves: of the sectors that were not synced, any may have been stored. */
  afterPowerLoss(stored: () => boolean): FileContent {
    let durable: Uint8Array = this.#durable.slice();
    if (stored()) durable = resized(durable, this.#size);
    for (const start of this.#dirty) if (stored()) this.#store(durable, start);
    return new FileContent(durable);
  }

  /** A bit turns over at rest, on the device and so for whoever reads it. */
  flip(bit: number): void {
    const at = bit >> 3;
    this.#durable[at] = (this.#durable[at] ?? 0) ^ (1 << (bit & 7));
    this.#now[at] = (this.#now[at] ?? 0) ^ (1 << (bit & 7));
  }

  #fit(): void {
    if (this.#durable.length !== this.#size) this.#durable = resized(this.#durable, this.#size);
  }

  #store(target: Uint8Array, start: number): void {
    const end = Math.min(start + SECTOR_BYTES, target.length, this.#size);
    if (start < end) target.set(this.#now.subarray(start, end), start);
  }
}

function resized(bytes: Uint8Array, size: number): Uint8Array {
  const copy = new Uint8Array(size);
  copy.set(bytes.subarray(0, size));
  return copy;
}
