const RETRY_MS = 20;

/** The kind of a frame, its first byte. The rest of `append` are entries. */
export const frames = { append: 0, confirm: 1 } as const;

/** A WebSocket to a follower, which answers each frame with an empty one, in order. */
export class SkeletonLink {
  readonly #socket: WebSocket;
  readonly #waiting: (() => void)[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = () => this.#waiting.shift()?.();
    socket.onclose = () => process.exit(1);
  }

  /** Connects as soon as the follower listens. */
  static async open(url: string): Promise<SkeletonLink> {
    for (;;) {
      const socket = new WebSocket(`${url.replace(/^http/, "ws")}/link`);
      const isOpen = await new Promise<boolean>((resolve) => {
        socket.onopen = () => resolve(true);
        socket.onerror = () => resolve(false);
      });
      if (isOpen) return new SkeletonLink(socket);
      await Bun.sleep(RETRY_MS);
    }
  }

  /** Resolves when the follower has answered. */
  send(frame: Buffer<ArrayBuffer>): Promise<void> {
    this.#socket.send(frame);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
