import type { calls } from "./messages/calls.ts";
import type { enums } from "./messages/enums.ts";
import type { schemaMessages } from "./messages/schema.ts";
import type { topologyMessages } from "./messages/topology.ts";
import type { workflowMessages } from "./messages/workflow.ts";

/**
 * A field is written as its number and its type: `3 string`. The type is one of protobuf's, an enum's name or a message's
 * name; after it stands `[]` for a list, `{}` for a map from texts, `?` for a field that may be absent, and `!` for one that a
 * request must not leave out. TypeScript's types and the coding on the wire both come from this one text.
 */
export type Fields = Readonly<Record<string, string>>;

type Messages = typeof topologyMessages & typeof schemaMessages & typeof workflowMessages;
type Enums = typeof enums;

/** What can be asked of vtctld. */
export type VtctldMethod = keyof typeof calls;
/**
 * A request: what is left out has protobuf's default (empty, 0, false). 64-bit numbers may be texts. A message of an answer
 * can be used in a request.
 */
export type VtctldRequest<M extends VtctldMethod> = Input<(typeof calls)[M]["request"]>;
/** An answer: all fields are there; messages that were not sent are null. 64-bit numbers are texts, bytes are Buffers. */
export type VtctldResponse<M extends VtctldMethod> = Output<(typeof calls)[M]["response"]>;
/** A message inside of an answer, by name. */
export type VtctldMessage<N extends keyof Messages> = Output<Messages[N]>;

type TypeOf<Text> = Text extends `${number} ${infer Type}` ? Type : never;

interface Scalars {
  string: string;
  bool: boolean;
  bytes: Buffer;
  int32: number;
  uint32: number;
  int64: string;
  uint64: string;
  sint64: string;
  float: number;
  double: number;
}

type Output<F> = { readonly [K in keyof F]: OutputOf<TypeOf<F[K]>> };

type OutputOf<T> = T extends `${infer U}!`
  ? OutputOf<U>
  : T extends `${infer U}?`
    ? OutputOf<U> | undefined
    : T extends `${infer U}[]`
      ? readonly OutputItem<U>[]
      : T extends `${infer U}{}`
        ? Readonly<Record<string, OutputItem<U>>>
        : T extends keyof Messages
          ? OutputItem<T> | null
          : OutputItem<T>;

type OutputItem<T> = T extends keyof Scalars
  ? Scalars[T]
  : T extends keyof Enums
    ? keyof Enums[T] | number
    : T extends keyof Messages
      ? Output<Messages[T]>
      : never;

type Input<F> = {
  readonly [K in keyof F as F[K] extends `${string}!` ? K : never]: InputOf<TypeOf<F[K]>>;
} & {
  readonly [K in keyof F as F[K] extends `${string}!` ? never : K]?: InputOf<TypeOf<F[K]>> | undefined;
};

type InputOf<T> = T extends `${infer U}!`
  ? NonNullable<InputOf<U>>
  : T extends `${infer U}?`
    ? InputOf<U>
    : T extends `${infer U}[]`
      ? readonly InputItem<U>[]
      : T extends `${infer U}{}`
        ? Readonly<Record<string, InputItem<U>>>
        : T extends keyof Messages
          ? InputItem<T> | null
          : InputItem<T>;

type InputItem<T> = T extends "int64" | "uint64" | "sint64"
  ? string | number
  : T extends keyof Scalars
    ? Scalars[T]
    : T extends keyof Enums
      ? keyof Enums[T] | number
      : T extends keyof Messages
        ? Input<Messages[T]>
        : never;
