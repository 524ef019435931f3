// Grafana's data source library and its interpolation of variables, outside of Grafana and of a browser.
"use strict";
process.env.NODE_ENV = "production";
const Module = require("node:module");
const { join } = require("node:path");
const { GlobalRegistrator } = require("@happy-dom/global-registrator");

const fetch = globalThis.fetch; // a document's own refuses other origins
GlobalRegistrator.register({ url: "http://127.0.0.1:3002" });
globalThis.fetch = fetch;
window.grafanaBootData = { settings: { featureToggles: {} }, user: {}, navTree: [] };

// What only editors in browsers need: style sheets, and Monaco.
require.extensions[".css"] = () => {};
const load = Module._load;
Module._load = (name, ...rest) => (name.endsWith("/MonacoQueryField.cjs") ? {} : load(name, ...rest));

const packageDirectory = join(require.resolve("@grafana/prometheus"), "..");
module.exports = {
  ...require(join(packageDirectory, "datasource.cjs")), // index.cjs also loads the editors
  data: require("@grafana/data"),
  runtime: require("@grafana/runtime"),
  scenes: require("@grafana/scenes"),
};
