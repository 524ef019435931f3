// Builds every page: node build.mjs [--watch] [FOLDER], into ../static where no folder is named.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));
const words = process.argv.slice(2);
const folder = words.find((word) => !word.startsWith("--")) ?? join(root, "../static");
const watch = words.includes("--watch") ? {} : null;

process.env.NODE_ENV = "production";
for (const page of Object.keys(JSON.parse(await readFile(join(root, "pages.json"), "utf8")))) {
  await build({ root, mode: page, logLevel: watch ? "info" : "warn", build: { outDir: join(folder, page), watch } });
}
