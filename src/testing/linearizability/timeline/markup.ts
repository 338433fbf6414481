/** A piece of HTML. Made by `html` alone, so whatever is not markup in the source has been escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Markup | readonly Markup[];

/** HTML with parts filled in as text, for content and for quoted attributes; only `Markup` goes in as it is. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.map((string, at) => string + textOf(parts[at] ?? "")).join(""));
}

function textOf(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === "string" || typeof part === "number") return escapeText(String(part));
  return part.map(({ text }) => text).join("");
}

const names: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/** Control characters, and those that change the direction of a text, are shown as what can't be shown. */
function escapeText(text: string): string {
  return text
    .replace(/[&<>"'`]/g, (character) => names[character] ?? "")
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "\uFFFD");
}
