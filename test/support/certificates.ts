import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A certificate and its key, as files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority of a test's own. */
export interface Authority {
  /** Its certificate's file. */
  readonly ca: string;
  /** Signs a certificate; `names` as OpenSSL writes them: `DNS:localhost`, `IP:127.0.0.1`. */
  issue(subject: string, names?: readonly string[]): Promise<Certificate>;
}

/** Node signs no certificates, so the openssl command has to. False: it is not there, and who needs it is skipped. */
export async function canIssueCertificates(): Promise<boolean> {
  return await run("openssl", ["version"]).then(
    () => true,
    () => false,
  );
}

/** Makes an authority whose files are in `folder`, under its name. */
export async function newAuthority(folder: string, name: string): Promise<Authority> {
  const file = (what: string): string => join(folder, `${name}-${what}.pem`);
  const openssl = (...args: readonly string[]) => run("openssl", [...args], { timeout: 30_000 });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const [ca, caKey] = [file("ca"), file("ca-key")];
  await openssl("req", "-x509", ...newKey, "-days", "2", "-subj", `/CN=${name}`, "-keyout", caKey, "-out", ca);
  return {
    ca,
    async issue(subject, names = []) {
      const [cert, key, request, extensions] = [
        file(subject),
        file(`${subject}-key`),
        file(`${subject}-request`),
        file(`${subject}-extensions`),
      ];
      await openssl("req", ...newKey, "-subj", `/CN=${subject}`, "-keyout", key, "-out", request);
      await writeFile(extensions, names.length === 0 ? "" : `subjectAltName=${names.join(",")}\n`);
      const signing = ["-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-days", "2", "-extfile", extensions];
      await openssl("x509", "-req", "-in", request, ...signing, "-out", cert);
      return { cert, key };
    },
  };
}
