// Debian's Chromium, told by lines of JSON what to do; it answers each by a line of JSON.
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
const pages = [];

const deeds = {
  async open({ options }) {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(15_000);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await context.newPage();
    page.trouble = [];
    page.asked = [];
    page.on("pageerror", (error) => page.trouble.push(String(error)));
    page.on("dialog", (dialog) => { page.trouble.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on("console", (said) => {
      if (said.type() === "error" && !said.text().startsWith("Failed to load resource") &&
          !said.text().startsWith("WebSocket connection to")) page.trouble.push(said.text());
    });
    page.on("request", (request) => page.asked.push(request.url()));
    return pages.push(page) - 1;
  },
  another({ page }) {
    const context = pages[page].context();
    return context.newPage().then((other) => { other.trouble = []; other.asked = []; return pages.push(other) - 1; });
  },
  on({ page, at, call, words }) {
    const target = at === null ? pages[page] : pages[page].locator(at);
    return target[call](...words);
  },
  press({ page, key }) { return pages[page].keyboard.press(key); },
  type({ page, text }) { return pages[page].keyboard.type(text); },
  trouble({ page }) { return pages[page].trouble; },
  asked({ page }) { return pages[page].asked; },
  cookies({ page }) { return pages[page].context().cookies(); },
  clearCookies({ page }) { return pages[page].context().clearCookies(); },
  async axe({ page }) {
    await pages[page].evaluate(axe);
    const { violations } = await pages[page].evaluate(() => globalThis.axe.run());
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: deed, ...more } = JSON.parse(line);
  let answer;
  try {
    const value = await deeds[deed](more);
    answer = { value: ["string", "number", "boolean"].includes(typeof value) || Array.isArray(value) ? value : null };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
await browser.close();
