/** A non-negative integer of up to 53 bits takes eight bytes: as a double it is exact, and one instruction to move. */
export const UINT53_BYTES = 8;

/** @throws RangeError when `value` can't be read back: it isn't an integer from 0 to 2^53 - 1 */
export function writeUint53(view: DataView, offset: number, name: string, value: number): void {
  if (!isUint53(value)) {
    throw new RangeError(`${name} is an integer from 0 to 2^53 - 1, not ${value}`);
  }
  view.setFloat64(offset, value);
}

/** @throws Error when what is stored there is no such integer */
export function readUint53(view: DataView, offset: number, name: string): number {
  const value = view.getFloat64(offset);
  if (!isUint53(value)) {
    throw new Error(`malformed ${name}: ${value} is no integer from 0 to 2^53 - 1`);
  }
  return value;
}

function isUint53(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
