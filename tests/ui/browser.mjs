// Controls Chromium by JSON lines: one command per line on stdin, one response per line on stdout.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [modules, executablePath] = process.argv.slice(2);
const require = createRequire(`${modules}/package.json`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const args = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
];
const browser = await chromium.launch({ executablePath, args, env: { ...process.env, no_proxy: "*" } });
// WCAG 2.2 AA; axe leaves out the rules that came with 2.2 unless they are asked for.
const STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const pages = [];

const actions = {
  async open({ options }) {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(60_000);
    await context.grantPermissions(["clipboard-read", "clipboard-write", "notifications"]);
    return add(await context.newPage());
  },
  async openInSameContext({ page }) { return add(await pages[page].context().newPage()); },
  call({ page, selector, method, args }) {
    const target = selector === null ? pages[page] : pages[page].locator(selector);
    return target[method](...args);
  },
  press({ page, key }) { return pages[page].keyboard.press(key); },
  type({ page, text }) { return pages[page].keyboard.type(text); },
  // Keep requests from being answered until they are released.
  async hold({ page, pattern }) { await pages[page].route(pattern, (route) => { pages[page].held.push(route); }); },
  // Answer the requests whose URL matches a pattern with a status and a problem, until they are released.
  async refuse({ page, pattern, status, detail }) {
    const body = JSON.stringify({ detail });
    await pages[page].route(pattern, (route) => (status ? route.fulfill({ status, contentType: "application/problem+json", body }) : route.abort()));
  },
  held({ page }) { return pages[page].held.length; },
  async release({ page }) {
    await Promise.all(pages[page].held.splice(0).map((route) => route.continue()));
    await pages[page].unrouteAll();
  },
  problems({ page }) { return pages[page].problems; },
  requests({ page }) { return pages[page].requests; },
  cookies({ page }) { return pages[page].context().cookies(); },
  async axe({ page }) {
    await pages[page].evaluate(axe);
    const { violations } = await pages[page].evaluate((tags) => globalThis.axe.run({ runOnly: tags }), STANDARDS);
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`);
  },
};

function add(page) {
  page.problems = [];
  page.requests = [];
  page.held = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("dialog", (dialog) => { page.problems.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("console", (message) => {
    // A server that is stopped by the test is no problem of the page.
    const isNetwork = /^(Failed to load resource|WebSocket connection to)/.test(message.text());
    if (message.type() === "error" && !isNetwork) page.problems.push(message.text());
  });
  page.on("request", (request) => page.requests.push(request.url()));
  return pages.push(page) - 1;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { action, ...parameters } = JSON.parse(line);
  let response;
  try {
    const value = await actions[action](parameters);
    response = { value: ["string", "number", "boolean"].includes(typeof value) || Array.isArray(value) ? value : null };
  } catch (error) {
    response = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(response) + "\n");
}
await browser.close();
