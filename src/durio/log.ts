import {
  configureSync,
  getJsonLinesFormatter,
  getLogger,
  getTextFormatter,
  type LogLevel,
  type TextFormatter,
} from "@logtape/logtape";
import type { Logger } from "../ports/index.ts";

export type LogFormat = "text" | "json";

export interface LogOptions {
  /** What is below is not told. */
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

const formatters: Readonly<Record<LogFormat, () => TextFormatter>> = {
  json: () => getJsonLinesFormatter({ properties: "flatten" }),
  text: () =>
    getTextFormatter({
      timestamp: "rfc3339",
      level: (level) => level.padEnd("warning".length),
      value: "bare",
      format: ({ timestamp, level, message }) => `${timestamp} ${level} ${message}`,
    }),
};

/** Sets up what the process says, one line each on stderr: stdout is for what was asked for. Once per process. */
export function startLog({ logLevel, logFormat }: LogOptions): Logger {
  const format = formatters[logFormat]();
  configureSync({
    sinks: { stderr: (record) => console.error(format(record).trimEnd()) },
    loggers: [
      { category: "durio", sinks: ["stderr"], lowestLevel: logLevel },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "error" },
    ],
  });
  return getLogger("durio");
}
