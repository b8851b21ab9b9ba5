/** Markup that may stand in a page as it is. Only `html` and `markup` make it. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Markup | readonly Markup[] | null;

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Markup of a template; what is put into it is text and gets escaped, unless it is markup itself. null is nothing. */
export function html(fixed: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(fixed.reduce((text, piece, i) => text + textOf(parts[i - 1] ?? null) + piece));
}

/** For text that is ours and constant: styles, the script. */
export const markup = (text: string): Markup => new Markup(text);

/** Text with `code` between backticks set as code. */
export function prose(text: string): Markup[] {
  return text.split(/`([^`]+)`/).map((piece, i) => (i % 2 === 1 ? html`<code>${piece}</code>` : html`${piece}`));
}

function textOf(part: Part): string {
  if (part === null) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "object") return part.map(({ text }) => text).join("");
  return String(part).replace(/[&<>"']/g, (sign) => escapes[sign] as string);
}
