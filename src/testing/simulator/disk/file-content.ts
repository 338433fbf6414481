/** The unit in which storage devices write. */
export const SECTOR_BYTES = 512;

/** A file as programs see it, and the part that would survive a power failure. */
export class FileContent {
  #now: Uint8Array;
  #size: number;
  #durable: Uint8Array;
  /** The offsets of the sectors that the next sync stores. */
  readonly #dirty = new Set<number>();

  constructor(durable: Uint8Array = new Uint8Array(0)) {
    this.#durable = durable;
    this.#now = durable.slice();
    this.#size = durable.length;
  }

  get size(): number {
    return this.#size;
  }

  /** The content that certainly survives a power failure. */
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
   * Fails a sync. The system continues to show what was written and considers it stored, but only the sectors selected
   * by `stored` are.
   */
  failSync(stored: () => boolean): void {
    if (this.#size > this.#durable.length) this.#durable = resized(this.#durable, this.#size);
    for (const start of this.#dirty) if (stored()) this.#store(this.#durable, start);
    this.#dirty.clear();
  }

  /** Returns the file after a power failure. Any sector that was not synced may have been stored. */
  afterPowerLoss(stored: () => boolean): FileContent {
    let durable: Uint8Array = this.#durable.slice();
    if (stored()) durable = resized(durable, this.#size);
    for (const start of this.#dirty) if (stored()) this.#store(durable, start);
    return new FileContent(durable);
  }

  /** Flips a bit on the device, and so for all readers. */
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
