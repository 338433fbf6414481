import { isIP } from "node:net";
import type { Command } from "commander";
import { InvalidConfig } from "../config/index.ts";
import { messageOf } from "../failure.ts";
import { strayArgument } from "../stray-argument.ts";
import { issueCertificate, newAuthority } from "./authority.ts";
import { assertNew, pathsIn, readAuthority, writePair } from "./files.ts";

const commands = ["ca", "server"] as const;
const usual = "/etc/durio/tls";

/** Adds the commands that create certificates, for clusters without a CA. */
export function describeCert(cert: Command): void {
  cert.description("Create a CA for a cluster, and certificates for its replicas.");
  cert
    .helpCommand(false)
    .argument("[command]")
    .usage("ca|server [options]")
    .addHelpText("after", certExamples);
  cert.action((named: string | undefined) =>
    cert.error(
      named === undefined
        ? "error: cert needs a command: ca or server; see durio cert --help"
        : `error: ${strayArgument(named, undefined, commands)}`,
    ),
  );
  cert
    .command("ca")
    .description(
      "Create a CA: DIR/ca.crt, which replicas and clients trust, and DIR/ca.key. Valid for ten years.",
    )
    .option("--out <dir>", "directory for the CA; it is created if it does not exist")
    .addHelpText("after", certExamples)
    .action(({ out }: { readonly out?: string }) => createAuthority(out));
  cert
    .command("server")
    .description("Create a certificate and its key for one replica. Valid for 400 days.")
    .argument(
      "[name...]",
      "names and addresses by which replicas and clients reach it; the first names the files",
    )
    .option("--ca <dir>", "directory with the CA")
    .option("--out <dir>", "directory for the certificate (default: the one of the CA)")
    .addHelpText("after", certExamples)
    .action((names: readonly string[], { ca, out }: { readonly ca?: string; readonly out?: string }) =>
      createCertificate(names, { ca, out }),
    );
}

async function createAuthority(out: string | undefined): Promise<void> {
  if (out === undefined) {
    throw new InvalidConfig([`--out: required, the directory for the CA, such as --out ${usual}`]);
  }
  const paths = pathsIn(out, "ca");
  assertNew(paths);
  writePair(out, paths, await newAuthority());
  console.log(`created ${paths.cert} and ${paths.key}

Next, for each replica, with the names and addresses by which it is reached:
  durio cert server pi1 10.0.0.1 --ca ${out}
Keep ca.key offline: a holder of it can impersonate every replica. Copy ca.crt to all replicas and clients.`);
}

interface Directories {
  readonly ca: string | undefined;
  readonly out: string | undefined;
}

async function createCertificate(names: readonly string[], { ca, out = ca }: Directories): Promise<void> {
  const problems = names.filter((name) => !isServerName(name)).map(notAName);
  const [first, ...others] = names;
  if (first === undefined) {
    problems.push(`cert server: name the replica: durio cert server pi1 10.0.0.1 --ca ${ca ?? usual}`);
  }
  if (ca === undefined) problems.push(`--ca: required, the directory with the CA, such as --ca ${usual}`);
  if (problems.length > 0 || first === undefined || ca === undefined || out === undefined) {
    throw new InvalidConfig(problems);
  }
  const paths = pathsIn(out, first);
  assertNew(paths);
  const pair = await issueCertificate(readAuthority(ca), [first, ...others]).catch((error) => {
    throw new InvalidConfig([`--ca: ${ca}: ${messageOf(error)}`]);
  });
  writePair(out, paths, pair);
  console.log(`created ${paths.cert} and ${paths.key}

Next, on ${first}, after copying both and ca.crt there:
  durio --tls-cert-file ${paths.cert} --tls-key-file ${paths.key} --tls-ca-file ${pathsIn(ca, "ca").cert} …
To renew it later, create it in another directory and move both files over the old ones. No restart is needed.`);
}

const serverName =
  /^(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/;

function isServerName(name: string): boolean {
  return isIP(name) !== 0 || (name.length <= 253 && serverName.test(name) && !/^[\d.]+$/.test(name));
}

function notAName(name: string): string {
  const advice = /:\d+$|\//.test(name) ? "; leave out the scheme, the port and the path" : "";
  return `cert server: ${JSON.stringify(name)} is not a name or an address of a machine${advice}`;
}

const certExamples = `
Examples:
  durio cert ca --out /etc/durio/tls
  durio cert server pi1 10.0.0.1 --ca /etc/durio/tls
  durio cert server pi2.home 10.0.0.2 --ca /etc/durio/tls --out ./pi2
`;
