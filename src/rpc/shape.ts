import * as v from "valibot";
import { MalformedMessage } from "./malformed-message.ts";
import type { Plain } from "./plain.ts";

/**
 * How one message travels: as the list of its fields, in a fixed order. Methods rather than properties, so that the
 * shape picked by a message's `type` can be used as one for any message.
 */
export interface Shape<Message> {
  toWire(message: Message): readonly Plain[];
  /** @throws MalformedMessage that names the field */
  fromWire(wire: readonly unknown[]): Message;
}

/** One schema for each field of a message but its `type`, in the order of the wire. */
type Fields<Message> = {
  readonly [Name in Exclude<keyof Message, "type">]-?: Message[Name] extends Plain
    ? v.GenericSchema<Message[Name]>
    : never;
};

/** The shape of a message all of whose fields are plain values. */
export function record<Message extends { readonly type: string }>(
  type: Message["type"],
  fields: Fields<Message>,
): Shape<Message> {
  const columns = Object.entries<v.GenericSchema<Plain>>(fields);
  return {
    toWire(message) {
      // `Fields` has a schema for every field, and admits plain ones alone.
      const values = message as Record<string, Plain>;
      return columns.map(([name]) => values[name]);
    },
    fromWire(wire) {
      if (wire.length !== columns.length) {
        throw new MalformedMessage(`${type}: ${columns.length} fields, not ${wire.length}`);
      }
      const message: Record<string, Plain> = { type };
      for (const [at, [name, schema]] of columns.entries()) {
        message[name] = read(schema, wire[at], `${type}.${name}`);
      }
      // Every field that `Fields` demands was read with a schema of its type.
      return message as unknown as Message;
    },
  };
}

/** The same shape, of a message whose fields must also fit each other. `check` throws MalformedMessage. */
export function checked<Message>(shape: Shape<Message>, check: (message: Message) => void): Shape<Message> {
  return {
    toWire: (message) => shape.toWire(message),
    fromWire(wire) {
      const message = shape.fromWire(wire);
      check(message);
      return message;
    },
  };
}

/**
 * Reads a value from outside as what a schema says.
 *
 * @param name what the value is called in the error
 * @throws MalformedMessage
 */
export function read<Value>(schema: v.GenericSchema<unknown, Value>, value: unknown, name: string): Value {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  throw new MalformedMessage(`${name}: ${result.issues[0].message}`);
}
