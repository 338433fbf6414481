/**
 * Returns a text for plain data (primitives, arrays, plain objects, byte strings) that is equal exactly for equal
 * values. Returns undefined for anything else, whose content is not observable.
 */
export function plainText(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
      return `${value}n`;
    case "boolean":
    case "undefined":
      return String(value);
    case "object":
      return value === null ? "null" : textOfObject(value);
    default:
      return undefined;
  }
}

function textOfObject(value: object): string | undefined {
  if (Array.isArray(value)) return enclose("[", value.map(plainText), "]");
  if (value instanceof Uint8Array) return `bytes(${value.join()})`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const fields = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => {
      const text = plainText(field);
      return text === undefined ? undefined : `${JSON.stringify(name)}:${text}`;
    });
  return enclose("{", fields, "}");
}

function enclose(open: string, parts: readonly (string | undefined)[], close: string): string | undefined {
  return parts.includes(undefined) ? undefined : `${open}${parts.join()}${close}`;
}
