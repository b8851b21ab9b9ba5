/**
 * A function that takes secrets out of texts on their way to a person or a log, also where they stand URL-encoded or
 * as JSON. Secrets of fewer than 4 characters are left: taking "1" out of every number would hide nothing and ruin the text.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= 4)
    .flatMap((secret) => [secret, ...urlEncoded(secret), JSON.stringify(secret).slice(1, -1)]);
  // Longest first, so that a secret that contains another one goes as a whole.
  const ordered = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
}

/** None for half a surrogate pair, which no URL can carry. */
function urlEncoded(secret: string): string[] {
  try {
    return [encodeURIComponent(secret)];
  } catch {
    return [];
  }
}
