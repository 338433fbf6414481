import { mkdtemp, rm, symlink } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeOf } from "./lock-holder.ts";

/** Systems accept 104 to 108 bytes for the path of a socket, and Node silently cuts longer ones. */
const largestPathBytes = 100;
/** Timeout in ms for a holder's description of itself. The connection has already proved that it is alive. */
const answerTimeoutMs = 1000;

/** A socket that sends the same text to everyone who connects, as long as its process lives. */
export class LockSocket {
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  private constructor(greeting: string) {
    this.#server = createServer((connection) => {
      this.#connections.add(connection);
      connection.on("error", () => {});
      connection.on("close", () => this.#connections.delete(connection));
      connection.end(greeting);
    });
  }

  /** Creates the socket as a file in a directory. Fails if the file exists or the file system has no sockets. */
  static async create(directory: string, name: string, greeting: string): Promise<LockSocket> {
    const socket = new LockSocket(greeting);
    await withShortPath(directory, name, (path) => socket.#listen(path));
    // The lock alone must not keep the process running.
    socket.#server.unref();
    return socket;
  }

  /** Refuses further connections. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  #listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(path, () => {
        this.#server.off("error", reject);
        // A failed connection concerns only its client.
        this.#server.on("error", () => {});
        resolve();
      });
    });
  }
}

export type SocketAnswer =
  | { readonly type: "refused" }
  /** A process holds the socket. `text` is what it sent, empty after a timeout. */
  | { readonly type: "held"; readonly text: string }
  | { readonly type: "failed"; readonly error: unknown };

/** Asks the holder of a socket to identify itself. If there is none, the kernel refuses the connection. */
export function askSocket(directory: string, name: string): Promise<SocketAnswer> {
  return withShortPath(directory, name, ask).catch((error) => ({ type: "failed", error }));
}

function ask(path: string): Promise<SocketAnswer> {
  return new Promise((resolve) => {
    let text = "";
    let connected = false;
    const connection = connect(path);
    const timer = setTimeout(() => connection.destroy(), answerTimeoutMs);
    connection.on("connect", () => {
      connected = true;
    });
    connection.on("data", (bytes: Uint8Array) => {
      text += new TextDecoder().decode(bytes);
    });
    connection.on("error", (error) => {
      const code = codeOf(error);
      const isRefused = code === "ECONNREFUSED" || code === "ENOENT";
      if (!connected) resolve(isRefused ? { type: "refused" } : { type: "failed", error });
    });
    connection.on("close", () => {
      clearTimeout(timer);
      resolve(
        connected ? { type: "held", text } : { type: "failed", error: new Error("no connection was made") },
      );
    });
  });
}

/** Gives a file of a directory a path that is short enough for a socket, with a symbolic link if necessary. */
async function withShortPath<T>(
  directory: string,
  name: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const path = join(directory, name);
  if (new TextEncoder().encode(path).length <= largestPathBytes) return use(path);
  const parent = await mkdtemp(join(tmpdir(), "durio-"));
  try {
    await symlink(directory, join(parent, "d"));
    return await use(join(parent, "d", name));
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}
