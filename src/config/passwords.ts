/** A server URL without the password it may carry, and that password, decoded. */
export interface SplitUrl {
  readonly url: string;
  readonly password: string | null;
}

/** `mysql://user:secret@host/db` → `mysql://user@host/db` and `secret`. A URL without one comes back as it is. */
export function splitPassword(url: string): SplitUrl {
  const start = url.indexOf("://") + 3;
  const slash = url.indexOf("/", start);
  const at = url.lastIndexOf("@", slash === -1 ? url.length : slash);
  const colon = url.indexOf(":", start);
  if (at < start || colon === -1 || colon > at) return { url, password: null };
  const password = decoded(url.slice(colon + 1, at));
  return { url: url.slice(0, colon) + url.slice(at), password: password === "" ? null : password };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A lone % is part of the password.
  }
}
