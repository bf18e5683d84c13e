// Prints how soon Chromium shows something of each page on a processor a quarter as fast, and what a first load weighs.
//
//   node paint.mjs http://127.0.0.1:PORT RUNS     one JSON object on standard output
import { chromium } from 'playwright-core';

const [base, runs] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
});

/** One first load in a fresh profile: milliseconds to the first paint of content, and bytes over the wire. */
async function load(path) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await session.send('Network.enable');
  let bytes = 0;
  session.on('Network.loadingFinished', (event) => { bytes += event.encodedDataLength; });
  await page.goto(base + path, { waitUntil: 'load' });
  const paint = await page.evaluate(() => new Promise((done) => {
    const seen = performance.getEntriesByName('first-contentful-paint')[0];
    if (seen) done(seen.startTime);
    else new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime)).observe({ type: 'paint' });
  }));
  await context.close();
  return { paint, bytes };
}

const start = await browser.newPage();
await start.goto(`${base}/ranking`);
const cards = await start.locator('.unit-name').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
await start.goto(`${base}/screen`);
const screen = new URL(start.url()).pathname;
await start.close();

const result = {};
// A card that nobody opened before, each time: the server has nothing of it at hand.
for (const [name, path] of [['ranking', () => '/ranking'], ['scorecard', (run) => cards[run]], ['screen', () => screen]]) {
  const loads = [];
  for (let run = 0; run < Number(runs); run += 1) loads.push(await load(path(run)));
  const paints = loads.map((one) => one.paint).sort((a, b) => a - b);
  result[`${name}_fcp_ms`] = Math.round(paints[Math.floor(paints.length / 2)]);
  result[`${name}_fcp_worst_ms`] = Math.round(paints.at(-1));
  result[`${name}_kb`] = Math.round(loads[0].bytes / 102.4) / 10;
}
await browser.close();
console.log(JSON.stringify(result));
