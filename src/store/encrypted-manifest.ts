import { z } from "zod";
import type { Manifest } from "../contracts/manifest.ts";
import { faultsOf } from "./contract-schemas.ts";
import { requireKey, type StoreKey } from "./store-key.ts";
import { newTextCipher, type TextEncryption, textCipher, textEncryptionSchema } from "./text-cipher.ts";

export const encryptedManifestFormat = 3;

/** Format 3 of a manifest: one of format 2 without its seal, encrypted as a whole. Its ranges are key values, and its checksums tell of rows. */
export interface EncryptedManifest {
  readonly format: typeof encryptedManifestFormat;
  readonly vtpipe: string;
  readonly encryption: TextEncryption;
  readonly manifest: string;
}

const schema: z.ZodType<EncryptedManifest> = z.strictObject({
  format: z.literal(encryptedManifestFormat),
  vtpipe: z.string(),
  encryption: textEncryptionSchema,
  manifest: z.string(),
});

const purpose = "vtpipe manifest";
const place = "manifest";

export function encryptManifest(manifest: Manifest, key: StoreKey): EncryptedManifest {
  const cipher = newTextCipher(key, purpose);
  const { vtpipe } = manifest;
  return {
    format: encryptedManifestFormat,
    vtpipe,
    encryption: cipher.encryption,
    manifest: cipher.encrypt(JSON.stringify(manifest), place),
  };
}

/** The JSON of the manifest inside; throws a `config` error about the key, and an Error saying what else is wrong. */
export function decryptManifest(what: string, outer: unknown, key: StoreKey | null): string {
  const found = schema.safeParse(outer);
  if (!found.success) throw new Error(`it is no encrypted manifest (${faultsOf(found.error)})`);
  const { encryption, manifest } = found.data;
  return textCipher(requireKey(what, encryption.key, key), purpose, encryption).decrypt(manifest, place);
}
