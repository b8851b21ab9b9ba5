import { type HandoffCheck, refusal } from "./facts.ts";

/** Can Vitess read the schema? It does not escape a backtick in a name (24.0), and then reads none of the database's tables. */
export const checkTableNames: HandoffCheck = ({ servers, targets }) =>
  [...servers, ...targets].flatMap(({ tablet, database, unreadable }) =>
    unreadable.length === 0
      ? []
      : [
          refusal(
            "name-unreadable",
            `Database ${database} at ${tablet} has tables with a backtick in their name (${unreadable.join(", ")}): Vitess cannot read the schema of a database with such a table, whether it moves or not.`,
            "Rename them, or take them to another database, before the copy.",
          ),
        ],
  );
