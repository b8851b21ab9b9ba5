import { bytes, integer, oneOf, sometimes } from "./recipes.ts";
import { type TableShape, tableShape } from "./shape.ts";

export const blob: TableShape = tableShape({
  name: "blob",
  description: "files of 1 to 16 kB of random bytes: what rows cost that no compressor makes smaller",
  recipes: {
    mime: oneOf("varchar(60)", "image/jpeg", "image/png", "application/pdf", "application/octet-stream"),
    digest: bytes("binary(32)", 32, 32),
    thumbnail: sometimes(0.3, bytes("varbinary(255)", 100, 255)),
    data: bytes("mediumblob", 1024, 16_384),
    pages: integer("smallint unsigned", 1, 300),
  },
});
