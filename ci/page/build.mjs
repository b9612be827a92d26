// Bundles the page's script and writes it as C++: node build.mjs OUT.cpp
import { build } from "esbuild";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const bundle = await build({
  entryPoints: [join(here, "page.jsx")],
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
  target: "es2020",
  jsxFactory: "h",
  charset: "ascii",
  legalComments: "none",
});
// An inline script ends at the first of these, wherever it stands.
const script = bundle.outputFiles[0].text.replaceAll("</script", "<\\/script");
const style = readFileSync(join(here, "node_modules/uplot/dist/uPlot.min.css"), "utf8");
const licences = ["preact", "uplot"].map((name) =>
  readFileSync(join(here, "node_modules", name, "LICENSE"), "utf8").trim());

/** In pieces, since compilers bound a literal's length; "??" would begin a trigraph. */
function literal(text) {
  const pieces = text.match(/[^]{1,8000}/g) ?? [""];
  return pieces.map((piece) => JSON.stringify(piece).replaceAll("?", "\\?")).join("\n    ");
}

writeFileSync(process.argv[2], `// Made by ci/page/build.mjs.
#include "ci/render/page_assets.hpp"

namespace contend::ci {

std::string_view page_script() {
  return ${literal(script)};
}

std::string_view page_script_style() {
  return ${literal(style)};
}

std::string_view page_licences() {
  return ${literal(licences.join("\n\n"))};
}

}  // namespace contend::ci
`);
