/** What a run does for its handoff before it copies. A file of its own, for only runs with a handoff load it: it brings gRPC along. */
export { openHandoffSide } from "./handoff-side.ts";
export { checkHandoff } from "./preflight.ts";
export { prepareHandoff } from "./prepare.ts";
export { takeThem } from "./steps.ts";
