import { keyObstacle } from "../chunk-key.ts";
import type { Check } from "./finding.ts";

/** Tables that cannot be cut into chunks. */
export const checkKeylessTables: Check = async ({ tables }) =>
  tables
    .filter((table) => table.chunkKey === null)
    .map((table) => {
      const keyed = table.uniqueKeys[0];
      const obstacle = keyed?.columns
        .map((name) => table.columns.find((column) => column.name === name))
        .map((column) => (column === undefined ? null : keyObstacle(column)))
        .find((why) => why !== null);
      const why =
        keyed === undefined
          ? "it has no primary key and no unique key over NOT NULL columns"
          : (obstacle ?? `index ${keyed.index} is invisible or mixes ascending and descending`);
      return {
        severity: "warning",
        code: "no-chunk-key",
        table: table.name,
        text: `Table ${table.name} is read as one stream by one worker, and from its beginning again after an interruption: ${why}.`,
        todo: "Give it a primary key of numbers, text, bytes or dates if it is large.",
      };
    });
