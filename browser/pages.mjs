// Opens every page of a served home in Chromium and fails on anything that a visitor should not meet.
//
//   node pages.mjs http://127.0.0.1:PORT FOLDER_FOR_SCREENSHOTS
//
// Every page at three sizes, in both languages, light and dark: status 200, an h1, axe-core without a violation of
// WCAG 2.2 AA, no message of an error, no request elsewhere, no sideways scrolling. Then by keyboard alone, without
// script, and on paper.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const [base, folder] = process.argv.slice(2);
// The pages allow no script, so axe is handed to the browser from outside.
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SIZES = [[1920, 1080], [1366, 768], [390, 844]];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const problems = [];
let checked = 0;

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});

/** A page whose errors and requests elsewhere are problems. */
async function visit(options, name) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && problems.push(`${name}: ${message.text()}`));
  page.on('pageerror', (error) => problems.push(`${name}: ${error}`));
  page.on('request', (request) => request.url().startsWith(base) || problems.push(`${name}: asks ${request.url()}`));
  return { context, page };
}

/** The addresses to look at: found by following links, so that no id is written here. */
async function addresses() {
  const { context, page } = await visit({}, 'start');
  await page.goto(`${base}/ranking`);
  const types = await page.$$eval('.tabs a', (links) => links.map((link) => link.getAttribute('href')));
  const card = await page.getAttribute('.unit-name', 'href');
  const odd = await page.getAttribute('.odd-list a', 'href').catch(() => null);
  await page.goto(`${base}/ranking?unit=staff`);
  const person = await page.getAttribute('.unit-name', 'href');
  await page.goto(base + card);
  const records = await page.$$eval('.line a', (links) => links.map((link) => link.getAttribute('href')));
  await page.goto(`${base}/screen`);
  const screen = new URL(page.url()).pathname;
  await context.close();
  return {
    card,
    all: ['/ranking', types.at(-1), '/ranking?unit=staff', card, `${card}?open=all`, odd, person, records[0],
      records.find((href) => href.includes('rating')), screen, '/method', '/api/docs', '/ui'].filter(Boolean),
  };
}

async function look(path, [width, height], english, scheme) {
  const address = (english ? '/en' : '') + path;
  const name = `${address} ${width}×${height} ${scheme}`;
  const { context, page } = await visit({ viewport: { width, height }, colorScheme: scheme }, name);
  const answer = await page.goto(base + address);
  if (answer.status() !== 200) problems.push(`${name}: status ${answer.status()}`);
  if ((await page.locator('h1').count()) !== 1) problems.push(`${name}: not one h1`);
  const lang = await page.getAttribute('html', 'lang');
  if (lang !== (english ? 'en' : 'zh-CN')) problems.push(`${name}: language ${lang}`);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (sideways > 0) problems.push(`${name}: scrolls ${sideways} px sideways`);
  await page.evaluate(axe);
  const found = await page.evaluate((values) => window.axe.run({ runOnly: { type: 'tag', values } }), RULES);
  for (const violation of found.violations) {
    problems.push(`${name}: ${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
  }
  if (found.passes.length < 5) problems.push(`${name}: axe looked at nothing`);
  const file = `${address}-${width}-${scheme}`.replace(/[^a-zA-Z0-9]+/g, '_');
  await page.screenshot({ path: `${folder}/${file}.png` });
  checked += 1;
  await context.close();
}

/** The tab key alone opens every explanation of a card, and the skip link comes first. */
async function byKeyboard(card) {
  const { context, page } = await visit({ viewport: { width: 1366, height: 768 } }, 'keyboard');
  await page.goto(base + card);
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement.className);
  if (first !== 'skip') problems.push(`keyboard: the first stop is ${first}, not the skip link`);
  const lines = await page.locator('details').count();
  for (let stop = 0; stop < 400; stop += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const active = document.activeElement;
      const outline = getComputedStyle(active).outlineStyle;
      return { tag: active.tagName, open: active.parentElement?.open, outline };
    });
    if (at.tag === 'BODY') break;
    if (at.outline === 'none') problems.push(`keyboard: focus on a ${at.tag} does not show`);
    if (at.tag === 'SUMMARY' && !at.open) await page.keyboard.press('Enter');
  }
  const open = await page.locator('details[open]').count();
  if (open !== lines || lines < 10) problems.push(`keyboard: ${open} of ${lines} explanations opened`);
  await context.close();
}

/** Everything works without script: from the ranking to a card to its records. */
async function withoutScript() {
  const { context, page } = await visit({ javaScriptEnabled: false }, 'no script');
  await page.goto(`${base}/ranking`);
  await page.locator('.unit-name').first().click();
  await page.locator('details.line summary').first().click();
  await page.locator('details.line[open] a').first().click();
  if (!(await page.locator('dl.facts').count())) problems.push('no script: the records do not come up');
  await context.close();
}

/** On A4, every line stands on one page with its explanation, and nothing is cut off at the side. */
async function onPaper(card) {
  const { context, page } = await visit({}, 'paper');
  await page.goto(base + card);
  const lines = await page.$$eval('details.line', (all) =>
    all.map((line) => [line.querySelector('.name').firstChild.textContent.trim(), line.querySelector('p.muted .id').textContent]));
  const pdf = `${folder}/card.pdf`;
  await page.pdf({ path: pdf, format: 'A4', preferCSSPageSize: true });
  const pages = execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' }).split('\f');
  if (pages.length < 2) problems.push('paper: no page');
  for (const [name, id] of lines) {
    const whole = pages.some((text) => text.includes(name) && new RegExp(`^\\s*${id}\\b`, 'm').test(text));
    if (!whole) problems.push(`paper: ${name} (${id}) is cut or missing`);
  }
  const wide = await page.evaluate(async () => document.documentElement.scrollWidth);
  if (wide > 1280) problems.push(`paper: ${wide} px wide`);
  await context.close();
}

const { all, card } = await addresses();
if (all.length < 10) problems.push(`only ${all.length} pages found`);
for (const path of all) {
  for (const size of SIZES) {
    for (const english of [false, true]) await look(path, size, english, 'light');
  }
  await look(path, SIZES[1], false, 'dark');
}
await byKeyboard(card);
await withoutScript();
await onPaper(card);
await browser.close();

console.log(`${checked} looks at ${all.length} pages, ${problems.length} problems`);
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
