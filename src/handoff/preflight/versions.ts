import { versionFindings } from "../../vitess/vtctld/version.ts";
import type { HandoffCheck } from "./facts.ts";

/** Do the tablets run a Vitess whose calls mean what they are used for here? */
export const checkVersions: HandoffCheck = ({ versions }) => versionFindings(versions);
