import type { Random } from "../random.ts";

const SECTOR_BYTES = 512;

/** The sectors written since the last sync that survive a power failure. */
export type Survival = "none" | "all" | "some";

/** The bytes of a file: as programs see them, and as after a power failure. */
export class Content {
  #live: Uint8Array = new Uint8Array(0);
  #liveBytes = 0;
  #durable: Uint8Array = new Uint8Array(0);
  #durableBytes = 0;
  /** Sectors that differ from the durable ones and are written by the next sync. */
  #dirty: Set<number> = new Set();

  get sizeBytes(): number {
    return this.#liveBytes;
  }

  read(offset: number, length: number): Uint8Array {
    return this.#live.subarray(offset, Math.min(offset + length, this.#liveBytes));
  }

  write(offset: number, bytes: Uint8Array): void {
    if (offset + bytes.length > this.#liveBytes) this.#resizeLive(offset + bytes.length);
    this.#live.set(bytes, offset);
    this.#touch(offset, offset + bytes.length);
  }

  truncate(sizeBytes: number): void {
    const before = this.#liveBytes;
    this.#resizeLive(sizeBytes);
    this.#touch(Math.min(before, sizeBytes), Math.max(before, sizeBytes));
  }

  /** Starts a sync: what is written by now becomes durable when the returned function is called. */
  beginSync(): () => void {
    const sectors = this.#dirty;
    this.#dirty = new Set();
    return () => {
      for (const sector of sectors) this.#makeDurable(sector);
      this.#resizeDurable(this.#liveBytes);
    };
  }

  /** Fails a sync as Linux does: the sectors count as clean but are not durable. */
  failSync(): void {
    this.#dirty = new Set();
  }

  /** Returns the file after a power failure. */
  afterPowerLoss(survival: Survival, random: Random): Content {
    if (survival === "all" || (survival === "some" && random.chance(0.5))) {
      this.#resizeDurable(this.#liveBytes);
    }
    for (const sector of this.#dirty) {
      if (survival === "all" || (survival === "some" && random.chance(0.5))) this.#makeDurable(sector);
    }
    const left = new Content();
    left.write(0, this.#durable.subarray(0, this.#durableBytes));
    left.beginSync()();
    return left;
  }

  #touch(from: number, to: number): void {
    for (let sector = Math.floor(from / SECTOR_BYTES); sector * SECTOR_BYTES < to; sector++) {
      this.#dirty.add(sector);
    }
  }

  #makeDurable(sector: number): void {
    const from = sector * SECTOR_BYTES;
    const to = Math.min(from + SECTOR_BYTES, this.#liveBytes);
    if (to <= from) return;
    this.#durable = withCapacity(this.#durable, to);
    this.#durable.set(this.#live.subarray(from, to), from);
  }

  #resizeLive(sizeBytes: number): void {
    this.#live = withCapacity(this.#live, sizeBytes);
    if (sizeBytes < this.#liveBytes) this.#live.fill(0, sizeBytes, this.#liveBytes);
    this.#liveBytes = sizeBytes;
  }

  /** Sectors that were never durable read as zeros. */
  #resizeDurable(sizeBytes: number): void {
    this.#durable = withCapacity(this.#durable, sizeBytes);
    if (sizeBytes < this.#durableBytes) this.#durable.fill(0, sizeBytes, this.#durableBytes);
    this.#durableBytes = sizeBytes;
  }
}

function withCapacity(bytes: Uint8Array, sizeBytes: number): Uint8Array {
  if (bytes.length >= sizeBytes) return bytes;
  const larger = new Uint8Array(Math.max(sizeBytes, Math.min(bytes.length * 2, bytes.length + 2 ** 20)));
  larger.set(bytes);
  return larger;
}
