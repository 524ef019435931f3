// Builds all pages: node build.mjs [--watch] [DIRECTORY]; the default directory is ../static.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));
const args = process.argv.slice(2);
const directory = args.find((arg) => !arg.startsWith("--")) ?? join(root, "../static");
const watch = args.includes("--watch") ? {} : null;

process.env.NODE_ENV = "production";
for (const page of Object.keys(JSON.parse(await readFile(join(root, "pages.json"), "utf8")))) {
  await build({ root, mode: page, logLevel: watch ? "info" : "warn", build: { outDir: join(directory, page), watch } });
}
