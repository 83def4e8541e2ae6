#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// Measures what a viewer of a player page sees of a clock_source or of a publish page's test picture: glass to glass,
// from the publisher's clock in the picture. Also a module of the tests.
import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { launchChromium } from './chromium.mjs';
import { publish } from './publishing.mjs';

const HELP = `measure.mjs --url http://localhost:8080/live/x/ [--seconds 60] [--warmup 5] [--screenshot FILE.png] [--publish]
  --publish           another browser publishes its test picture there, from the path's publish page
Prints JSON. Times are counted from the first picture; the warm-up is left out of every figure but delay_each_second_ms.
  delay_ms            capture to the page's frame callback, from the clock in the picture
  gaps_over_250ms     pauses between pictures
  rates               playbackRate, sampled; page: what the page itself displayed
Exit status 0 = a picture with a readable clock was shown.`;

const clockReader = readFileSync(new URL('../support/player_probe/picture_clock.js', import.meta.url), 'utf8');

// Opens `url` in a new page of `browser` that reads the clock. The page is the caller's to close.
export async function openWithClock(browser, url, viewport = { width: 1280, height: 900 }) {
  const context = await browser.newContext({ viewport, ignoreHTTPSErrors: true });
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') page.problems.push(message.text()); });
  await page.addInitScript(clockReader);
  await page.goto(url);
  return page;
}

// Waits until `predicate`, run in the page, is true. (Playwright's waitForFunction evaluates text, which our pages'
// Content-Security-Policy forbids.)
export async function until(page, predicate, seconds = 60) {
  const deadline = Date.now() + seconds * 1000;
  while (!await page.evaluate(predicate)) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${predicate}`);
    await page.waitForTimeout(50);
  }
}

// Waits until sound is heard of what the page plays, by whatever it plays.
export async function untilHeard(page, seconds = 30) {
  await page.evaluate(() => {
    const video = document.querySelector('video');
    const context = new AudioContext();
    const meter = context.createAnalyser();
    video.muted = false;
    (video.srcObject ? context.createMediaStreamSource(video.srcObject) : context.createMediaElementSource(video)).connect(meter);
    const samples = new Float32Array(meter.fftSize);
    window.loudest = 0;
    setInterval(() => {
      meter.getFloatTimeDomainData(samples);
      window.loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), window.loudest);
    }, 20);
  });
  await until(page, () => window.loudest > 0.01, seconds);
}

// Waits for the first picture with a clock, then for `warmup` + `seconds`.
export async function measurePage(page, { seconds, warmup, patience = 30 }) {
  await until(page, () => window.pictureClock.started(), patience);
  await page.waitForTimeout((warmup + seconds) * 1000);
  return page.evaluate((after) => window.pictureClock.report(after), warmup);
}

function busyShare(before, after) {
  const sum = (times, idle) => times.reduce((all, { times: t }) => all + (idle ? t.idle : Object.values(t).reduce((a, b) => a + b)), 0);
  return 1 - (sum(after, true) - sum(before, true)) / (sum(after, false) - sum(before, false));
}

async function main() {
  const { values } = parseArgs({ options: {
    url: { type: 'string' }, seconds: { type: 'string', default: '60' }, warmup: { type: 'string', default: '5' },
    screenshot: { type: 'string' }, publish: { type: 'boolean' }, help: { type: 'boolean' },
  } });
  if (values.help || !values.url) {
    console.error(HELP);
    process.exit(values.help ? 0 : 2);
  }
  const browser = await launchChromium();
  const publisher = values.publish && await launchChromium();
  try {
    if (publisher) await publish(publisher, { url: new URL('.', values.url).href });
    const before = cpus();
    const page = await openWithClock(browser, values.url);
    const report = await measurePage(page, { seconds: Number(values.seconds), warmup: Number(values.warmup) })
      .catch((error) => ({ error: error.message }));
    if (values.screenshot) await page.screenshot({ path: values.screenshot }).catch((error) => page.problems.push(error.message));
    // A machine without idle time inflates every delay; say so next to the figures.
    report.machine = { cores: cpus().length, busy: Math.round(busyShare(before, cpus()) * 100) / 100, load: loadavg()[0] };
    report.problems = page.problems;
    console.log(JSON.stringify({ url: values.url, chromium: browser.version(), ...report }, null, 1));
    process.exitCode = report.error ? 1 : 0;
  } finally {
    await browser.close();
    if (publisher) await publisher.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
