/** A piece of HTML. Only `html` creates it, which escapes everything that is not markup in the source. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Markup | readonly Markup[];

/** HTML with parts inserted as text, in content and in quoted attributes. Only `Markup` is inserted unchanged. */
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

/** Replaces control characters, and those that change the direction of text, by a placeholder. */
function escapeText(text: string): string {
  return text
    .replace(/[&<>"'`]/g, (character) => names[character] ?? "")
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "\uFFFD");
}
