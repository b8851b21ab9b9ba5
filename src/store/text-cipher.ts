import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { z } from "zod";
import { derivedKey, keyIdBytes, type StoreKey, saltBytes } from "./store-key.ts";

/** What manifest and ledger say in clear about how they are encrypted. */
export interface TextEncryption {
  readonly cipher: "aes-256-gcm";
  /** Names the user's key. */
  readonly key: string;
  /** base64 */
  readonly salt: string;
}

export const textEncryptionSchema: z.ZodType<TextEncryption> = z.strictObject({
  cipher: z.literal("aes-256-gcm"),
  key: z.string().regex(new RegExp(`^[0-9a-f]{${keyIdBytes * 2}}$`), "is no key's name"),
  salt: z.base64().refine((text) => Buffer.from(text, "base64").length === saltBytes, `is not ${saltBytes} bytes`),
});

/** Texts of one file, each encrypted for its place in it. */
export interface TextCipher {
  readonly encryption: TextEncryption;
  /** base64 of nonce, encrypted text and authentication tag. */
  encrypt(text: string, place: string): string;
  /** Throws an Error unless this very text was encrypted with this key for this place. */
  decrypt(encrypted: string, place: string): string;
}

const nonceBytes = 12;
const tagBytes = 16;

/** For a file that is begun. `purpose` keeps kinds of files apart. */
export function newTextCipher(key: StoreKey, purpose: string): TextCipher {
  const salt = randomBytes(saltBytes).toString("base64");
  return textCipher(key, purpose, { cipher: "aes-256-gcm", key: key.id, salt });
}

/** For a file that is there and says `encryption`, which names `key`. */
export function textCipher(key: StoreKey, purpose: string, encryption: TextEncryption): TextCipher {
  const secret = derivedKey(key, Buffer.from(encryption.salt, "base64"), purpose);
  return {
    encryption,
    encrypt(text, place) {
      // By chance, because a ledger's line may be written a second time after the first was torn.
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", secret, nonce, { authTagLength: tagBytes });
      cipher.setAAD(Buffer.from(place));
      const parts = [nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
      return Buffer.concat(parts).toString("base64");
    },
    decrypt(encrypted, place) {
      const bytes = Buffer.from(encrypted, "base64");
      const end = bytes.length - tagBytes;
      if (end < nonceBytes || bytes.toString("base64") !== encrypted) throw new Error("it is no encrypted text");
      const nonce = bytes.subarray(0, nonceBytes);
      const decipher = createDecipheriv("aes-256-gcm", secret, nonce, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(bytes.subarray(end));
      const text = decipher.update(bytes.subarray(nonceBytes, end));
      try {
        return Buffer.concat([text, decipher.final()]).toString("utf8");
      } catch (cause) {
        throw new Error("its authentication tag is wrong: it was changed or moved after it was written", { cause });
      }
    },
  };
}
