import { setTimeout as sleep } from "node:timers/promises";
import { Acknowledgements } from "./acknowledgements.ts";

/** A cluster whose replicas serve HTTP. */
export interface Writable {
  readonly ids: readonly string[];
  url(id: string): URL;
  /** Resolves when there is a leader. */
  leader(): Promise<unknown>;
}

/** The known result of one write: acknowledged, refused, or neither. */
type Fate = "acknowledged" | "refused" | "uncertain";

/**
 * Writers that append unique marks to their own keys through changing replicas, and put every mark under its own key.
 * Records what was acknowledged, to audit the store.
 */
export class Ledger {
  readonly #cluster: Writable;
  readonly #fates: Map<string, Fate>[];
  readonly #writers: Promise<void>[];
  readonly acknowledgements: Acknowledgements = new Acknowledgements();
  #stopped = false;

  constructor(cluster: Writable, writers: number) {
    this.#cluster = cluster;
    this.#fates = Array.from({ length: writers }, () => new Map());
    this.#writers = this.#fates.map((fates, writer) => this.#write(writer, fates));
  }

  /** Stops the writers and compares the records with the store. */
  async audit(): Promise<{ acknowledged: number; uncertain: number; lost: number; repeated: number }> {
    this.#stopped = true;
    await Promise.all(this.#writers);
    await this.#cluster.leader();
    const sums = { acknowledged: 0, uncertain: 0, lost: 0, repeated: 0 };
    for (const [writer, fates] of this.#fates.entries()) {
      const marks = (await this.#get(`log-${writer}`)).split(";");
      const seen = new Map<string, number>();
      for (const mark of marks) seen.set(mark, (seen.get(mark) ?? 0) + 1);
      for (const [mark, fate] of fates) {
        const times = seen.get(mark) ?? 0;
        if (fate === "acknowledged") sums.acknowledged++;
        if (fate === "uncertain") sums.uncertain++;
        if (fate === "acknowledged" && times === 0) sums.lost++;
        if (times > 1 || (fate === "refused" && times > 0)) sums.repeated++;
        if (fate === "acknowledged" && (await this.#get(`put-${mark}`)) !== mark) sums.lost++;
      }
    }
    return sums;
  }

  async #write(writer: number, fates: Map<string, Fate>): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      const mark = `${writer}-${n}`;
      // Random, because writers in step would all wait for a replica that hangs.
      const url = this.#cluster.url(
        this.#cluster.ids[Math.floor(Math.random() * this.#cluster.ids.length)] ?? "",
      );
      const startedAt = performance.now();
      const put = await post(new URL("/kvstore/put", url), { key: `put-${mark}`, value: mark });
      const append = await post(new URL("/kvstore/append", url), { key: `log-${writer}`, value: `${mark};` });
      fates.set(mark, put === "acknowledged" ? append : append === "acknowledged" ? "uncertain" : append);
      if (put !== "acknowledged" || append !== "acknowledged") {
        await sleep(5);
        continue;
      }
      this.acknowledgements.came(startedAt);
    }
  }

  async #get(key: string): Promise<string> {
    for (;;) {
      const id = this.#cluster.ids[0] ?? "";
      const response = await fetch(new URL(`/kvstore/get/${key}`, this.#cluster.url(id))).catch(
        () => undefined,
      );
      if (response?.ok) return (await response.text()).split("!")[2] ?? "";
      await sleep(20);
    }
  }
}

async function post(url: URL, body: { key: string; value: string }): Promise<Fate> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(6000),
    });
    if (response.ok) return "acknowledged";
    const { outcome } = (await response.json()) as { outcome: "none" | "unknown" };
    return outcome === "none" ? "refused" : "uncertain";
  } catch {
    return "uncertain";
  }
}
