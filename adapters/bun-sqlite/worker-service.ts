import type { TransferListItem } from "node:worker_threads";
import type { Engine } from "./engine.ts";
import { buffersOf, packEntries, unpackEntries } from "./packed-entries.ts";
import {
  type EngineCall,
  type EngineReply,
  type EngineRequest,
  type EngineResult,
  sentError,
} from "./worker-messages.ts";

/** The worker's end of the message port. */
export interface CallPort {
  on(event: "message", listener: (request: EngineRequest) => void): unknown;
  postMessage(reply: EngineReply, transfer: TransferListItem[]): void;
}

/** Answers the calls from a port with an engine on this thread. */
export function serveEngine(port: CallPort, engine: Engine): void {
  port.on("message", async ({ number, call }: EngineRequest) => {
    const transfer: TransferListItem[] = [];
    let reply: EngineReply;
    try {
      reply = { number, result: await answer(engine, call, transfer) };
    } catch (error) {
      reply = { number, error: sentError(error) };
    }
    port.postMessage(reply, transfer);
  });
}

/** @param transfer receives the objects that move with the result */
async function answer(engine: Engine, call: EngineCall, transfer: TransferListItem[]): Promise<EngineResult> {
  switch (call.type) {
    case "open": {
      const { record, entries, label } = await engine.open(call.file, call.identity);
      const packed = packEntries(entries);
      for (const buffer of buffersOf(packed)) transfer.push(buffer);
      return { record, entries: packed, label };
    }
    case "bind":
      return void (await engine.bind(call.clusterUid));
    case "retire":
      return void (await engine.retire(call.reason, call.starts));
    case "write":
      return void (await engine.write({ ...call.batch, entries: unpackEntries(call.entries) }));
    case "beginSnapshot":
      return engine.beginSnapshot();
    case "writeChunk":
      return void (await engine.writeChunk(call.id, call.offset, call.chunk));
    case "commitSnapshot":
      return void (await engine.commitSnapshot(call.commit));
    case "dropSnapshot":
      return void (await engine.dropSnapshot(call.id));
    case "readSnapshot":
      return engine.readSnapshot(call.id, call.from, call.to);
    case "sweep":
      return engine.sweep();
    case "close":
      return void (await engine.close());
  }
}
