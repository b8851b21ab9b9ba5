/** A keyspace's vschema as vtctld takes it (proto/vschema.proto, message Keyspace, in JSON). */
export interface VschemaJson {
  readonly sharded: boolean;
  readonly vindexes: Readonly<Record<string, VindexJson>>;
  readonly tables: Readonly<Record<string, TableJson>>;
}

export interface VindexJson {
  readonly type: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly owner?: string;
}

export interface TableJson {
  readonly column_vindexes?: readonly {
    readonly column?: string;
    readonly columns?: readonly string[];
    readonly name: string;
  }[];
  readonly type?: string;
}

export const emptyVschema: VschemaJson = { sharded: true, vindexes: {}, tables: {} };

/** `base` with the vindexes and tables of `more` added or replaced. */
export function mergeVschema(base: VschemaJson, more: Partial<VschemaJson>): VschemaJson {
  return {
    sharded: more.sharded ?? base.sharded,
    vindexes: { ...base.vindexes, ...more.vindexes },
    tables: { ...base.tables, ...more.tables },
  };
}
