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

export interface LogConfig {
  /** Less severe messages are not logged. */
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

/** The loggers of a process. */
export interface Log {
  readonly logger: Logger;
  /** For refused messages and requests. Its lines have the category `durio.audit`. */
  readonly audit: Logger;
}

/** Sets up the log: one line a message on stderr, because stdout is for requested output. Once per process. */
export function startLog({ logLevel, logFormat }: LogConfig): Log {
  const format = formatters[logFormat]();
  configureSync({
    sinks: { stderr: (record) => console.error(format(record).trimEnd()) },
    loggers: [
      { category: "durio", sinks: ["stderr"], lowestLevel: logLevel },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "error" },
    ],
  });
  return { logger: getLogger("durio"), audit: getLogger(["durio", "audit"]) };
}
