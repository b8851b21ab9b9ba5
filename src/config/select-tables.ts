import { didYouMean } from "../contracts/nearest-name.ts";
import { pathText } from "../contracts/paths.ts";
import { type Problem, problemsError } from "../contracts/problems.ts";
import { type Config, ruleOf, type TablesConfig } from "./config.ts";
import { globMatcher } from "./glob.ts";

/** A table that moves, and what it is called on the target. */
export interface SelectedTable {
  readonly source: string;
  readonly target: string;
}

/**
 * The tables a config selects out of `names`, the base tables the source has, in that order. `exclude` wins.
 * Throws a `config` error for an exact name or a rule without such a table, for a rule on a table that does not move,
 * for nothing selected, and for two tables with one target name.
 */
export function selectTables(tables: TablesConfig, names: readonly string[]): readonly SelectedTable[] {
  const problems = [
    ...unknownNames(["tables", "include"], tables.include, names, "The source has no table"),
    ...unknownNames(["tables", "exclude"], tables.exclude, names, "The source has no table"),
  ];
  const selected = matchingTables(tables, names).map((source) => ({
    source,
    target: ruleOf(tables, source).as ?? source,
  }));
  const moving = new Set(selected.map(({ source }) => source));
  for (const table of Object.keys(tables.rules)) {
    if (moving.has(table)) continue;
    const why = names.includes(table)
      ? "This table does not move: include and exclude leave it out. Select it or take the rule away."
      : `The source has no table of this name.${didYouMean(table, names)}`;
    problems.push({ path: pathText(["tables", "rules", table]), text: why });
  }
  problems.push(...doubleTargets(selected));
  if (problems.length === 0 && selected.length === 0) {
    problems.push({ path: "tables", text: `No table is selected out of the ${names.length} the source has.` });
  }
  if (problems.length > 0) throw problemsError("The selection of tables", problems);
  return selected;
}

/** Those of `names` that include and exclude select, whatever is wrong with the config otherwise. */
export function matchingTables(tables: TablesConfig, names: readonly string[]): string[] {
  return names.filter(tableMatcher(tables));
}

/** Do include and exclude select a table of this name? */
export function tableMatcher({ include, exclude }: TablesConfig): (name: string) => boolean {
  const included = matcher(include);
  const excluded = matcher(exclude);
  return (name) => included(name) && !excluded(name);
}

/**
 * Which of `names`, the source names of the tables that move, `vtpipe follow` carries on: without a handoff section all,
 * with one those that `handoff.follow` names. The others are VReplication's. Throws a `config` error for an exact name
 * that is none of them.
 */
export function followedTables({ handoff }: Pick<Config, "handoff">, names: readonly string[]): ReadonlySet<string> {
  if (handoff === null) return new Set(names);
  const problems = unknownNames(["handoff", "follow"], handoff.follow, names, "There is no moved table");
  if (problems.length > 0) throw problemsError("The selection of tables to follow", problems);
  return new Set(names.filter(matcher(handoff.follow)));
}

function unknownNames(
  path: readonly string[],
  patterns: readonly string[],
  names: readonly string[],
  lack: string,
): Problem[] {
  return patterns.flatMap((pattern, i) =>
    /[*?]/.test(pattern) || names.includes(pattern)
      ? []
      : [
          {
            path: pathText([...path, i]),
            text: `${lack} "${pattern}".${didYouMean(pattern, names)}`,
          },
        ],
  );
}

function doubleTargets(selected: readonly SelectedTable[]): Problem[] {
  const first = new Map<string, string>();
  return selected.flatMap(({ source, target }) => {
    const other = first.get(target);
    first.set(target, other ?? source);
    if (other === undefined) return [];
    const text = `The tables "${other}" and "${source}" would both become "${target}" on the target. Give one another name with "as".`;
    return [{ path: pathText(["tables", "rules", source]), text }];
  });
}

function matcher(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns);
  const globs = patterns.filter((pattern) => /[*?]/.test(pattern)).map(globMatcher);
  return (name) => exact.has(name) || globs.some((matches) => matches(name));
}
