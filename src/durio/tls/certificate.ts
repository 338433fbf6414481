import { X509Certificate } from "node:crypto";
import type { Clock, Logger } from "../../ports/index.ts";
import type { Server, TlsPair } from "../../runtime/index.ts";
import type { TlsStatus } from "../../service/index.ts";
import { until } from "../cert/calendar.ts";
import type { SecurityConfig } from "../config/index.ts";
import type { Reloads } from "../reload.ts";
import { type PairFiles, readPair } from "./files.ts";

/** Time before the end of a certificate from which on it is warned of. */
const WARN_DAYS = 21;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The certificate of a replica, and the servers that use it. */
export class ReplicaCertificate {
  readonly #files: PairFiles;
  readonly #servers: Server[] = [];
  #pair: TlsPair;

  private constructor(files: PairFiles) {
    this.#files = files;
    this.#pair = readPair(files);
  }

  /**
   * Reads the certificate of a config, again after each change. Returns undefined if there is none.
   *
   * @throws InvalidConfig if it can't be used
   */
  static of(
    { tlsCertFile: certFile, tlsKeyFile: keyFile }: Pick<SecurityConfig, "tlsCertFile" | "tlsKeyFile">,
    reloads: Reloads,
  ): ReplicaCertificate | undefined {
    if (certFile === undefined || keyFile === undefined) return undefined;
    reloads.onReload("the certificate", [certFile, keyFile], () => certificate.#reload());
    const certificate = new ReplicaCertificate({ certFile, keyFile });
    return certificate;
  }

  get pair(): TlsPair {
    return this.#pair;
  }

  get status(): TlsStatus {
    const { validTo, fingerprint256 } = new X509Certificate(this.#pair.cert);
    const { iso, days } = until(validTo);
    return { expires: iso, daysLeft: Math.floor(days), fingerprint: fingerprint256 };
  }

  /** @param server gets the certificate whenever it is replaced */
  usedBy(server: Server): void {
    this.#servers.push(server);
  }

  async #reload(): Promise<void> {
    const pair = readPair(this.#files);
    for (const server of this.#servers) await server.reload(pair);
    this.#pair = pair;
  }
}

export interface LogExpiryOptions {
  readonly status: () => TlsStatus;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Logs each day that a certificate expires within 21 days, or has expired.
 *
 * @returns stops the logging
 */
export function logExpiry({ status, clock, logger }: LogExpiryOptions): () => void {
  let cancel: () => void = () => {};
  look();
  return () => cancel();

  function look(): void {
    cancel = clock.setTimer(DAY_MS, look);
    const { expires, daysLeft } = status();
    if (daysLeft >= WARN_DAYS) return;
    const state = daysLeft < 0 ? "has expired" : `expires in ${daysLeft} days`;
    logger.warn("the certificate {state}, at {expires}: replace its files, which needs no restart", {
      ...{ event: "tls.expiring", state, expires, daysLeft },
    });
  }
}
