import type { TableShape } from "../../bench/shapes/shape.ts";
import { shapes } from "../../bench/shapes/shapes.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import { didYouMean } from "../../contracts/nearest-name.ts";

/** The shape of that name; throws `usage` for a name that none has. */
export function shapeOf(name: string): TableShape {
  const shape = shapes.find((one) => one.name === name);
  if (shape !== undefined) return shape;
  const names = shapes.map((one) => one.name);
  throw new VtpipeError({
    code: "usage",
    message: `There is no shape "${name}".${didYouMean(name, names)}`,
    now: "Nothing was measured or changed.",
    todo: `They are: ${names.join(", ")}.`,
  });
}
