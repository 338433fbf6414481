import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** Encodes and decodes the fields of one type of message, without its `type`. */
export interface MessageCodec<Message> {
  /** Upper bound of what `write` writes, in bytes. */
  maxBytes(message: Message): number;
  write(writer: ByteWriter, message: Message): void;
  /** @throws MalformedMessage that names the field */
  read(reader: ByteReader): Message;
}

/** A codec for each type of a union of messages. */
export type MessageCodecs<Message extends { readonly type: string }> = {
  readonly [Type in Message["type"]]: MessageCodec<Extract<Message, { readonly type: Type }>>;
};
