import type { TableJson, VschemaJson } from "../vschema-json.ts";
import { collectionName } from "./collection.ts";

/**
 * How the sample database is sharded on the target, by the names tables have there. Every vindex type that is
 * computed on the client is used, and one that is not, so that rows also go the way vtgate routes.
 */
export const sampleVschema: VschemaJson = {
  sharded: true,
  vindexes: {
    hash: { type: "hash" },
    xxhash: { type: "xxhash" },
    binary: { type: "binary" },
    binary_md5: { type: "binary_md5" },
    numeric: { type: "numeric" },
    reverse_bits: { type: "reverse_bits" },
    one_shard: { type: "null" },
    names: { type: "unicode_loose_xxhash" },
  },
  tables: {
    persons: by("id", "hash"),
    // Together with their customer, not by their own id.
    orders: by("customer_id", "hash"),
    order_lines: by("order_id", "hash"),
    products: by("sku", "xxhash"),
    sessions: by("token", "binary_md5"),
    devices: by("uuid", "binary"),
    price_list: by("amount", "xxhash"),
    counters: by("id", "numeric"),
    readings: by("id", "reverse_bits"),
    shifts: by("person_id", "reverse_bits"),
    audit_log: by("person_id", "hash"),
    archive: by("id", "hash"),
    measurements: by("id", "hash"),
    cities: by("name", "names"),
    settings: by("id", "one_shard"),
    all_types: by("id", "hash"),
    "odd names – für alle": by("the id", "hash"),
    documents: by("id", "hash"),
    [collectionName]: by("_id", "one_shard"),
  },
};

/** The same for the stand-in, which has no collation tables: it cannot place rows by names as people compare them. */
export const sampleVschemaForStandIn: VschemaJson = {
  ...sampleVschema,
  tables: { ...sampleVschema.tables, cities: by("name", "binary_md5") },
};

function by(column: string, vindex: string): TableJson {
  return { column_vindexes: [{ column, name: vindex }] };
}
