/** Writes the API reference, docs/api/index.html, from the doc comments of all entry points: `npm run docs`. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const output = "docs/api";
const exported: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(`${root}/deno.json`, "utf8"),
).exports;
/** The names by which users import them, without the root's. */
const names = Object.keys(exported).flatMap((path) => (path === "." ? [] : [path.slice(2)]));

rmSync(`${root}/${output}`, { recursive: true, force: true });
const flags = ["doc", "--quiet", "--html", "--name=ruaft", `--output=${output}`];
execFileSync("node_modules/.bin/deno", [...flags, ...Object.values(exported)], {
  cwd: root,
  stdio: "inherit",
});

for (const name of readdirSync(`${root}/${output}`, { recursive: true, encoding: "utf8" })) {
  if (!name.endsWith(".html")) continue;
  const path = `${root}/${output}/${name}`;
  const page = readFileSync(path, "utf8");
  writeFileSync(path, name === "index.html" ? withLinks(withImports(page)) : withImports(page));
}
console.log(`${output}/index.html`);

/** deno doc names an entry point by its path in the package. Users import it by the package's name. */
function withImports(page: string): string {
  return page.replace(
    /(<code class="language-typescript">import .*? from &quot;)(.*?)(?=&quot;)/gs,
    (all, start, from) => {
      if (names.includes(from)) return `${start}ruaft/${from}`;
      return from === "." ? `${start}ruaft` : all;
    },
  );
}

/** The first page has no list of the entry points. Where its text names one, that becomes a link. */
function withLinks(page: string): string {
  return names.reduce(
    (text, name) =>
      text.replace(`<code>ruaft/${name}</code>`, `<a href="${name}/index.html">ruaft/${name}</a>`),
    page,
  );
}
