import type { Logger } from "../../src/ports/index.ts";

export interface LogLine {
  readonly level: keyof Logger;
  /** The message with its properties filled in. */
  readonly text: string;
  readonly event: unknown;
}

/** A logger that keeps its records in order. */
export function recordingLogger(lines: LogLine[]): Logger {
  const at =
    (level: keyof Logger) =>
    (message: string, properties: Record<string, unknown> = {}) => {
      const text = message.replace(/\{(\w+)\}/g, (_, name: string) => String(properties[name]));
      lines.push({ level, text, event: properties.event });
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
