// One page a build, so that each has files of its own; the mode is the page's name.
import { defineConfig } from "vite";
import entries from "./pages.json" with { type: "json" };

export default defineConfig(({ mode: page }) => ({
  base: `/static/${page}/`,
  envDir: false,
  publicDir: false,
  // The dashboard is a small page: what it is written against, Preact does in a tenth of the size.
  resolve: { alias: page === "dashboard" ? { react: "preact/compat", "react-dom": "preact/compat" } : {} },
  build: {
    assetsDir: "",
    assetsInlineLimit: 0,
    emptyOutDir: true,
    license: { fileName: "licenses.md" },
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    outDir: `../static/${page}`,
    rolldownOptions: { input: entries[page as keyof typeof entries] },
  },
}));
