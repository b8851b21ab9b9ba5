import * as z from "zod";

/** Parameters that many transforms share. */
export const columnName: z.ZodString = z
  .string()
  .min(1)
  .max(64)
  .meta({ description: "The column.", expected: "a column name" });

export const saltText: z.ZodString = z.string().min(1).meta({
  description: "Secret key; without it nobody can test guesses. Best from an environment variable.",
  expected: "a text that is not empty",
  secret: true,
});

export const anyValue = (description: string): z.ZodUnknown => z.unknown().meta({ description, expected: "a value" });

export const sqlType = (description: string): z.ZodString =>
  z.string().min(1).meta({ description, expected: "a SQL type like int not null" });
