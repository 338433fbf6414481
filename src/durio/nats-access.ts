import { readFile } from "node:fs/promises";
import type { NatsTransportOptions } from "../../transports/nats/index.ts";
import { InvalidConfig, NATS_PORT, type NatsConfig } from "./config/index.ts";

type Access = Pick<NatsTransportOptions, "credentials" | "pass" | "servers" | "tls" | "token" | "user">;

/**
 * Returns the servers of NATS and the credentials for them.
 *
 * @throws InvalidConfig with every file that cannot be read
 */
export async function natsAccess(config: NatsConfig): Promise<Access> {
  const problems: string[] = [];
  const read = async (setting: keyof NatsConfig): Promise<string | undefined> => {
    const path = config[setting];
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
  if (problems.length > 0) throw new InvalidConfig(problems);
  const { natsUrl } = config;
  const isEncrypted =
    ca !== undefined || cert !== undefined || natsUrl.some((url) => url.protocol === "tls:");
  return {
    servers: natsUrl.map(({ hostname, port }) => `${hostname}:${port || NATS_PORT}`),
    ...login(natsUrl),
    ...(token !== undefined && { token }),
    ...(credentials !== undefined && { credentials }),
    ...(isEncrypted && { tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } }),
  };
}

/** Takes the credentials from `nats://name:password@host` or `nats://token@host`. */
function login(urls: readonly URL[]): Access {
  const named = urls.find(({ username }) => username !== "");
  if (named === undefined) return {};
  const [user, pass] = [decodeURIComponent(named.username), decodeURIComponent(named.password)];
  return pass === "" ? { token: user } : { user, pass };
}
