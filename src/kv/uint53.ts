/** A non-negative integer of up to 53 bits, stored as a double in 8 bytes: exact, and read with one instruction. */
export const UINT53_BYTES = 8;

/** @throws RangeError if `value` is not an integer from 0 to 2^53 - 1 */
export function writeUint53(view: DataView, offset: number, name: string, value: number): void {
  if (!isUint53(value)) {
    throw new RangeError(`${name}: must be an integer from 0 to 2^53 - 1, not ${value}`);
  }
  view.setFloat64(offset, value);
}

/** @throws Error if the stored value is not such an integer */
export function readUint53(view: DataView, offset: number, name: string): number {
  const value = view.getFloat64(offset);
  if (!isUint53(value)) {
    throw new Error(`malformed ${name}: ${value} is not an integer from 0 to 2^53 - 1`);
  }
  return value;
}

function isUint53(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
