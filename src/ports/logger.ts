/**
 * Logs one event.
 *
 * @param message one sentence, in which `{name}` is replaced by that property
 * @param properties the data of the event
 */
export type Log = (message: string, properties?: Record<string, unknown>) => void;

/**
 * Structured logging; LogTape's `Logger` fits as it is.
 *
 * @example
 * ```ts
 * import { type Logger, silentLogger } from "ruaft";
 *
 * const lines: string[] = [];
 * const logger: Logger = { ...silentLogger, info: (message) => lines.push(message) };
 * logger.info("{id} leads term {term}", { event: "leader.elected", id: "n1", term: 3 });
 * console.log(lines.join("; ")); // {id} leads term {term}
 * ```
 */
export interface Logger {
  /** For those who look for a fault. */
  readonly debug: Log;
  /** Expected events. */
  readonly info: Log;
  /** Events that a person may want to look at. */
  readonly warn: Log;
  /** Events that a person must look at. */
  readonly error: Log;
}

const ignore: Log = () => {};

/** A logger that writes nothing. The default wherever a logger is optional. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
