import { readFile } from "node:fs/promises";
import type { NatsTransportOptions } from "../../transports/nats/index.ts";
import { type NatsSettings, WrongSettings } from "./config/index.ts";

type Access = Pick<NatsTransportOptions, "credentials" | "pass" | "servers" | "tls" | "token" | "user">;

/**
 * Where the servers of NATS are, and what they ask for.
 *
 * @throws WrongSettings with every file that can't be read
 */
export async function natsAccess(settings: NatsSettings): Promise<Access> {
  const problems: string[] = [];
  const read = async (setting: keyof NatsSettings): Promise<string | undefined> => {
    const path = settings[setting];
    if (typeof path !== "string") return undefined;
    try {
      return await readFile(path, "utf8");
    } catch (error) {
      problems.push(`${setting}: can't be read: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  };
  const token = (await read("natsTokenFile"))?.trim();
  const credentials = await read("natsCredentialsFile");
  const ca = await read("natsTlsCaFile");
  const cert = await read("natsTlsCertFile");
  const key = await read("natsTlsKeyFile");
  if (problems.length > 0) throw new WrongSettings(problems);
  const { natsUrl } = settings;
  const isEncrypted =
    ca !== undefined || cert !== undefined || natsUrl.some((url) => url.protocol === "tls:");
  return {
    servers: natsUrl.map(({ hostname, port }) => `${hostname}:${port || usualPort}`),
    ...login(natsUrl),
    ...(token !== undefined && { token }),
    ...(credentials !== undefined && { credentials }),
    ...(isEncrypted && { tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } }),
  };
}

const usualPort = 4222;

/** `nats://name:password@host`, or `nats://token@host`. */
function login(urls: readonly URL[]): Access {
  const named = urls.find(({ username }) => username !== "");
  if (named === undefined) return {};
  const [user, pass] = [decodeURIComponent(named.username), decodeURIComponent(named.password)];
  return pass === "" ? { token: user } : { user, pass };
}
