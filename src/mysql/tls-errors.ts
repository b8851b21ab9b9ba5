import type { ServerAddress } from "./server-url.ts";

/** Why a connection could not be encrypted, in words, and what to do about it. */
export interface TlsProblem {
  readonly message: string;
  readonly todo: string;
}

const unknownAuthority = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
  "INVALID_CA",
]);
const wrongTime = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);
const otherCodes = /^(HANDSHAKE_|ERR_SSL|ERR_TLS|ERR_OSSL|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/;

/**
 * Pure: the meaning of a failure's `code`, Node's or OpenSSL's; null: it is not about TLS. `place` is what the server is called in
 * messages, `text` what was said.
 */
export function tlsProblem(place: string, { host, tls }: ServerAddress, code: string, text: string): TlsProblem | null {
  if (code === "HANDSHAKE_NO_SSL_SUPPORT") {
    return {
      message: `${place} offers no TLS, and tls=${tls.mode} does not go without.`,
      todo: "Give the server a certificate (ssl_cert and ssl_key of MySQL, --mysql-server-ssl-cert and --mysql-server-ssl-key of vtgate), or set tls=disabled in the server URL if nobody else is on the network in between.",
    };
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return {
      message: `The certificate of ${place} is for another host: ${text}`,
      todo: `Write the host in the server URL as the certificate has it, or have one issued for "${host}"; tls=verify-ca checks only who signed it.`,
    };
  }
  if (unknownAuthority.has(code)) {
    return {
      message: `The certificate of ${place} is signed by no authority ${tls.ca === null ? "that Node trusts, and the server URL names none" : `in ${tls.ca}`}: ${text}`,
      todo: "Give the file with the authority that signed it as ca=FILE in the server URL. If MySQL made its certificates itself, that is ca.pem in its data directory.",
    };
  }
  if (wrongTime.has(code)) {
    return {
      message: `The certificate of ${place} is not valid today: ${text}`,
      todo: "Renew the server's certificate, and check the clock of this host.",
    };
  }
  if (/^ERR_SSL_.*ALERT.*(CERTIFICATE|UNKNOWN_CA)/.test(code)) {
    return {
      message: `${place} did not accept ${tls.cert === null ? "a connection without a client certificate" : `the client certificate in ${tls.cert}`}: ${text}`,
      todo: "Give cert=FILE and key=FILE in the server URL, with a certificate that an authority signed which the server trusts.",
    };
  }
  if (!otherCodes.test(code)) return null;
  return {
    message: `No encrypted (TLS) connection to ${place}: ${text}`,
    todo: "See what the server says about it in its log; vtpipe speaks TLS 1.2 and 1.3.",
  };
}

/** OpenSSL says things between numbers of its own and a place in its source, and ends in a line break. Pure. */
export function withoutOpenSslPlaces(text: string): string {
  return text.replace(/\b[0-9A-F]+:error:[0-9A-F]+:([^:]*):[^:]*:([^:]*):[^\n]*\n?/g, "$1: $2");
}
