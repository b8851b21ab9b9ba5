import * as z from "zod";
import { encryptionKeyExpected, encryptionKeyPattern } from "../contracts/encryption-key.ts";

/** The config's `encryption` section: the key of everything that is written to the run directory. */

/** What the section says once it is checked. */
export interface CheckedEncryption {
  key?: string | undefined;
  keyFile?: string | undefined;
}

export const encryptionSchema: z.ZodType<CheckedEncryption> = z
  .strictObject({
    key: z
      .string()
      .regex(encryptionKeyPattern)
      .meta({
        description: "The key; best from an environment variable.",
        expected: encryptionKeyExpected,
        secret: true,
      })
      .optional(),
    keyFile: z
      .string()
      .min(1)
      .meta({ description: "File that holds the key and nothing else, in place of `key`.", expected: "a file name" })
      .optional(),
  })
  .meta({
    description:
      "Encrypts chunk files, manifest and ledger with AES-256-GCM. A run directory is encrypted as a whole, with one key, or not at all. Default: it is not.",
    expected: "a section with key or keyFile",
  });
