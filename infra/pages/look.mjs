// Looks at the customers' pages in a real browser: pictures for docs/pages, and WCAG 2.2 A and AA by axe.
//
//   cargo up --demo --detach --json > up.json
//   cd infra/pages && npm install && node look.mjs ../../up.json ../../docs/pages
//
// Chromium is taken from CHROMIUM, else /usr/bin/chromium. Scripts are off while a picture is taken, for the
// pages must be whole without them. Exit 1 if a page breaks a rule, or is wider than its window.

import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = createRequire(import.meta.url).resolve("axe-core");
const [upFile, folder] = process.argv.slice(2);
const up = JSON.parse(await readFile(upFile, "utf8"));

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };
const SAID = {
  zh: "快递三天没有更新，包裹到底在哪里？",
  en: "Where is my parcel? It never arrived.",
};

async function call(role, method, path, body, headers = {}) {
  const answer = await fetch(up.url + path, {
    method,
    headers: { authorization: `Bearer ${up.api_keys[role]}`, "content-type": "application/json", ...headers },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}

async function until(ask, fits) {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await ask();
    if (fits(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("waited a minute in vain");
}

// A feedback whose order is resolved, with the links that its customer has.
async function customer(language) {
  const key = `look-${language}-${Date.now()}`;
  const taken = await call("integrator", "POST", "/v1/feedback", {
    channel: "web", message: SAID[language], customer: { ref: key, locale: language },
  }, { "idempotency-key": key });
  const feedback = await until(() => call("integrator", "GET", `/v1/feedback/${taken.id}`), (f) => f.status === "assigned");
  const order = `/v1/work-orders/${feedback.work_order_id}`;
  await call("agent", "POST", `${order}/messages`, { direction: "outbound", body: "在查。On it." });
  await call("agent", "POST", `${order}/transitions`, { to: "resolved", resolution: { code: "explained" } }, { "if-match": "*" });
  const asked = () => call("supervisor", "GET", `/v1/surveys?work_order=${feedback.work_order_id}`);
  const surveys = await until(asked, (s) => s.items[0]?.state === "sent");
  return { tracking: taken.tracking_url, survey: surveys.items[0].link };
}

// What the shop promises; the page is the same for everybody.
async function promises() {
  const promise = (id, zh, en, backing) => ({
    id, title: { zh: zh[0], en: en[0] }, text: { zh: zh[1], en: en[1] }, ...(backing && { backed_by: backing }),
  });
  const all = [
    promise("answer", ["尽快答复", "每一条反馈都由真人答复。"], ["You hear from us", "Whatever you tell us, a person answers."],
      { sla_policy: "everything", metric: "first_response" }),
    promise("complaints", ["投诉会解决", "质量、物流、售后和服务态度。"], ["Complaints are put right", "Quality, delivery, returns and how you were treated."],
      { sla_policy: "complaints", metric: "resolution" }),
    promise("words", ["说人话", "不推诿，不绕弯。"], ["Plain words", "No runaround."]),
  ];
  await call("admin", "PUT", "/v1/promises", { promises: all }, { "if-match": "*" });
  return `${up.url}/p/tn_shop`;
}

let broken = 0;

async function look(browser, name, url, language, size) {
  const settings = { viewport: SIZES[size], locale: language === "zh" ? "zh-CN" : "en-GB", deviceScaleFactor: 1 };
  const plain = await browser.newContext({ ...settings, javaScriptEnabled: false });
  const page = await plain.newPage();
  await page.goto(url);
  await page.screenshot({ path: `${folder}/${name}-${language}-${size}.png`, fullPage: true });
  await plain.close();

  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ ...settings, colorScheme, bypassCSP: true });
    const judged = await context.newPage();
    await judged.goto(url);
    await judged.addScriptTag({ path: axe });
    const found = await judged.evaluate((rules) => globalThis.axe.run({ runOnly: rules }), RULES);
    const wide = await judged.evaluate(() => document.documentElement.scrollWidth - globalThis.innerWidth);
    const told = found.violations.map((rule) => `${rule.id} (${rule.nodes.length})`);
    if (wide > 0) told.push(`${wide} px too wide`);
    console.log(`${name} ${language} ${size} ${colorScheme}: ${found.passes.length} rules hold, ${told.join(", ") || "none is broken"}`);
    broken += told.length;
    await context.close();
  }
}

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
});
const promised = await promises();
for (const language of ["zh", "en"]) {
  const links = await customer(language);
  for (const size of Object.keys(SIZES)) {
    await look(browser, "tracking", links.tracking, language, size);
    await look(browser, "survey", links.survey, language, size);
    await look(browser, "promises", promised, language, size);
  }
}
await browser.close();
process.exitCode = broken > 0 ? 1 : 0;
