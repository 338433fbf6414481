import type { Context, Handler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { limits } from "./limits.ts";
import { problem } from "./problems.ts";

const checked = bodyLimit({
  maxSize: limits.bodyBytes,
  onError: () => problem("tooLarge", `body: at most ${limits.bodyBytes} bytes`),
});

/** Lets no larger body reach a handler than may be. Most tell their length: Hono's way is for those that don't. */
export function limitBody(handler: Handler): Handler {
  return (c, next) => {
    if (tellsThatItFits(c)) return handler(c, next);
    return checked(c, async () => {
      c.res = await handler(c, next);
    });
  };
}

function tellsThatItFits({ req }: Context): boolean {
  const length = req.header("content-length");
  const isTold =
    length !== undefined && /^\d+$/.test(length) && req.header("transfer-encoding") === undefined;
  return isTold && Number(length) <= limits.bodyBytes;
}
