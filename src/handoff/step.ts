import type { Vtctld } from "../vitess/vtctld/client.ts";
import type { VtctldMethod, VtctldRequest } from "../vitess/vtctld/field.ts";

/** A call of vtctld as data, so that it can be shown, counted and made. */
export type VtctldCall = { readonly [M in VtctldMethod]: CallOf<M> }[VtctldMethod];

interface CallOf<M extends VtctldMethod> {
  readonly method: M;
  readonly request: VtctldRequest<M>;
  /** What people are shown in its place: a request may hold SQL twins, and twins may reveal salts. */
  readonly shown?: VtctldRequest<M>;
  readonly timeoutMs?: number;
}

/** One thing that is done to the cluster: what it is for, and the calls that do it. Made again it changes nothing more. */
export interface Step {
  /** A full sentence in the imperative. */
  readonly title: string;
  readonly calls: readonly VtctldCall[];
}

/** Makes a step's calls, in order. */
export async function takeStep(vtctld: Vtctld, step: Step): Promise<void> {
  for (const call of step.calls) await makeCall(vtctld, call);
}

/** Makes one call; its answer is what the method answers. */
export function makeCall(vtctld: Vtctld, { method, request, timeoutMs }: VtctldCall): Promise<unknown> {
  // Method and request belong together in every member of the union, which a call over the whole union cannot show.
  const ask = vtctld.call as (method: VtctldMethod, request: unknown, options: object) => Promise<unknown>;
  return ask(method, request, timeoutMs === undefined ? {} : { timeoutMs });
}

/** Steps that have something to do. */
export function needed(...steps: readonly Step[]): Step[] {
  return steps.filter(({ calls }) => calls.length > 0);
}
