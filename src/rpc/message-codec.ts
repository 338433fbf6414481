import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** How the fields of one type of message are written and read, all but its `type`. */
export interface MessageCodec<Message> {
  /** At least what `write` writes, in bytes. */
  maxBytes(message: Message): number;
  write(writer: ByteWriter, message: Message): void;
  /** @throws MalformedMessage that names the field */
  read(reader: ByteReader): Message;
}

/** A codec for each type of message of a union. */
export type MessageCodecs<Message extends { readonly type: string }> = {
  readonly [Type in Message["type"]]: MessageCodec<Extract<Message, { readonly type: Type }>>;
};
