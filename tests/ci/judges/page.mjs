// Opens an HTML report in headless Chromium as a person would: node page.mjs PAGE PATH-OF-CHROMIUM
// Prints one JSON object of what it saw; what is right is judged by tests/ci/page_test.cpp.
import puppeteer from "puppeteer-core";
import { pathToFileURL } from "node:url";

const [file, executablePath] = process.argv.slice(2);
const browser = await puppeteer.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu"],
  timeout: 90_000,
});
const seen = { errors: [], requests: [] };
try {
  const page = await browser.newPage();
  page.on("console", (message) => message.type() === "error" && seen.errors.push(message.text()));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => seen.requests.push(request.url().slice(0, 5)));
  await page.setViewport({ width: 1200, height: 900 });
  await page.goto(pathToFileURL(file).href);
  const count = () => page.$$eval("#cases tbody tr", (rows) => rows.filter((row) => !row.hidden).length);
  seen.rows = await count();
  seen.charts = await page.$$eval("#charts canvas", (all) =>
    all.map((canvas) =>
      canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte !== 0)));
  seen.scripts = await page.$$eval("script", (all) => all.length);
  seen.links = await page.$$eval("a, img, iframe, object, link", (all) => all.length);
  seen.hacked = await page.evaluate(() => globalThis.hacked === true);
  await page.keyboard.press("/");
  await page.keyboard.type("uring");
  seen.rows_with_uring = await count();
  await page.$eval("#filter-text", (box) => box.select());
  await page.keyboard.press("Backspace");
  // The box and then one check box a verdict: errored, failed, inconclusive, passed.
  for (let i = 0; i < 4; ++i) await page.keyboard.press("Tab");
  seen.focus_is_seen = await page.evaluate(() =>
    document.activeElement.type === "checkbox" && getComputedStyle(document.activeElement).outlineStyle !== "none");
  await page.keyboard.press("Space");
  seen.rows_without_passed = await count();
  await page.keyboard.press("Space");
  seen.heat_maps = await page.$$eval("#heat-map option", (all) => all.map((each) => each.textContent));
  await page.emulateMediaType("print");
  seen.filter_on_paper = await page.$eval("#filter .filters", (each) => getComputedStyle(each).display);
  seen.paper = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--paper").trim());
  await page.evaluate(() => globalThis.addEventListener("beforeprint", () =>
    (globalThis.foldedOnPaper = document.querySelectorAll("details:not([open]):not(.licences)").length)));
  seen.pdf = Buffer.from((await page.pdf({ format: "A4" })).slice(0, 5)).toString();
  seen.folded_on_paper = await page.evaluate(() => globalThis.foldedOnPaper);
  seen.unfolded_after = await page.$$eval("details[open]", (all) => all.length);
  await page.emulateMediaType();
  seen.background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  seen.dark_background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const plain = await browser.newPage();
  await plain.setJavaScriptEnabled(false);
  await plain.goto(pathToFileURL(file).href);
  seen.rows_without_script = (await plain.$$("#cases tbody tr")).length;
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
