/** A text that breaks off within a secret shows its beginning. So much of it, and half, is hidden; less could be any word. */
const shortestPart = 8;

/**
 * A function that takes secrets out of texts on their way to a person or a log, also where they stand URL-encoded, as JSON or
 * as SQL, and where a text ends within one. Secrets of fewer than 4 characters are left: taking "1" out of every number would
 * hide nothing and ruin the text.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= 4)
    .flatMap((secret) => [
      secret,
      ...urlEncoded(secret),
      secret.replaceAll("'", "''"),
      secret.replace(/[\\']/g, "\\$&"),
    ])
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
  // Longest first, so that a secret that contains another one goes as a whole.
  const ordered = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => {
    const left = ordered.reduce((rest, form) => rest.replaceAll(form, "***"), text);
    return ordered.reduce(withoutStart, left);
  };
}

/** Takes out what begins as `form` does and breaks off. */
function withoutStart(text: string, form: string): string {
  const start = form.slice(0, Math.max(shortestPart, Math.ceil(form.length / 2)));
  let rest = text;
  for (let at = rest.indexOf(start); at !== -1; at = rest.indexOf(start, at + 3)) {
    let end = at + start.length;
    while (end < rest.length && end - at < form.length && rest[end] === form[end - at]) end++;
    rest = `${rest.slice(0, at)}***${rest.slice(end)}`;
  }
  return rest;
}

/** None for half a surrogate pair, which no URL can carry. */
function urlEncoded(secret: string): string[] {
  try {
    return [encodeURIComponent(secret)];
  } catch {
    return [];
  }
}
