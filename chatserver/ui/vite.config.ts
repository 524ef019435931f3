// One build per page, so that pages share no files; the mode is the name of the page.
import { defineConfig } from "vite";
import entries from "./pages.json" with { type: "json" };

export default defineConfig(({ mode: page }) => ({
  base: `/static/${page}/`,
  envDir: false,
  publicDir: false,
  // Preact has the interface of React, whose types the sources use, at a tenth of its size.
  resolve: { alias: { react: "preact/compat", "react-dom": "preact/compat" } },
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
