import type { CliOptions, CliResult } from "../cli.ts";

/** Where verbs are killed: servers, tables, a run directory, and what must be true of them. */
export interface World<Verb extends string = string> extends AsyncDisposable {
  /** The run directory that is at work. */
  readonly directory: string;
  /** Brings everything to where the verb can be given for the first time. */
  begin(verb: Verb): Promise<void>;
  /** Gives the verb's command. */
  run(verb: Verb, options?: CliOptions): Promise<CliResult>;
  /** What must be true when the program has been killed. */
  expectAfterKill(verb: Verb): Promise<void>;
  /** Brings to its end what the verb has to be followed by, and throws unless the target is the source and nothing is left over. */
  expectDone(verb: Verb): Promise<void>;
}
