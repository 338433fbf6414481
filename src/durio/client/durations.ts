const unitsMs = { d: 86_400_000, h: 3_600_000, min: 60_000, s: 1000 } as const;
const units = { s: unitsMs.s, m: unitsMs.min, min: unitsMs.min, h: unitsMs.h, d: unitsMs.d } as const;

/** Parses a duration such as `30d` or `90min`. Returns ms, or undefined if the text is not one. */
export function durationIn(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,9})(s|m|min|h|d)$/.exec(text) ?? [];
  const unitMs = Object.entries(units).find(([name]) => name === unit)?.[1];
  return unitMs === undefined ? undefined : Number(digits) * unitMs;
}

/** Returns a duration in its largest unit that is at least 1, such as `29 d`. */
export function durationText(ms: number): string {
  const [unit, unitMs] = Object.entries(unitsMs).find(([, each]) => ms >= each) ?? ["s", unitsMs.s];
  return `${Math.floor(ms / unitMs)} ${unit}`;
}
