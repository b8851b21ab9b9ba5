import type { Check } from "./finding.ts";

/** Only InnoDB's transactions see one state of the data; other engines show every later write. */
export const checkEngines: Check = async ({ tables }) => {
  const others = tables.filter((table) => table.engine.toLowerCase() !== "innodb");
  if (others.length === 0) return [];
  return [
    {
      severity: "refusal",
      code: "no-consistent-snapshot",
      text: `These tables have no consistent snapshot: ${others.map((table) => `${table.name} (${table.engine})`).join(", ")}.`,
      todo: "Exclude them, or convert them with ALTER TABLE … ENGINE=InnoDB.",
      table: others[0]?.name ?? "",
    },
  ];
};
