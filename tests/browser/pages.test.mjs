// SPDX-License-Identifier: LGPL-2.1-or-later
// The pages in Chromium: what a viewer sees of a live stream, and of one that is not there. Screenshots for looking at
// are left in the build directory.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launchChromium, workDir } from './chromium.mjs';
import { measurePage, openWithClock, until } from './measure.mjs';
import { freePort, startStream } from './stream.mjs';

const PHONE = { width: 390, height: 844 };
const shot = (page, name) => page.screenshot({ path: join(workDir, `${name}.png`) });
const isPlaying = () => document.documentElement.dataset.state === 'playing';

let browser;
before(async () => { browser = await launchChromium(); });
after(() => browser.close());

async function withStream(options, use) {
  const stream = await startStream({ path: 'live/clock', port: await freePort(), ...options });
  try {
    await use(stream);
  } finally {
    await stream.stop();
  }
}

// How late the picture is, and whether it ever pauses, is measured by tests/bench/latency.mjs: it says more of a busy
// machine than of the page.
test('picture and sound play, and the page shows the delay that the picture has', async () => {
  await withStream({}, async ({ url }) => {
    const page = await openWithClock(browser, url);
    const report = await measurePage(page, { seconds: 10, warmup: 5 });
    await shot(page, 'player');
    const { delay_ms: delay, page: displayed } = report;
    const facts = JSON.stringify(report);
    assert.equal(report.pictures.backwards, 0, facts);
    assert.ok(report.audio_bytes > 0, 'sound is decoded');
    assert.ok(Math.abs(displayed.delay_s.median * 1000 - delay.median) < 100, facts);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
});

test('sound is one tap away, and stays on', async () => {
  await withStream({}, async ({ url }) => {
    const page = await openWithClock(browser, url, PHONE);
    await until(page, isPlaying);
    await shot(page, 'player-phone');
    assert.equal(await page.isVisible('#rung'), false, 'no choice of renditions where there is one');
    await page.click('#unmute');
    assert.equal(await page.evaluate(() => document.querySelector('video').muted), false);
    assert.equal(await page.isVisible('#unmute'), false);
    await page.reload();
    await until(page, isPlaying);
    assert.equal(await page.evaluate(() => document.querySelector('video').muted), false);
    await page.context().close();
  });
});

test('a path that is not live says so, and starts by itself when it is', async () => {
  const port = await freePort();
  const other = await startStream({ path: 'live/other', port });
  const page = await openWithClock(browser, `${other.base}/live/clock/`);
  await until(page, () => document.documentElement.dataset.state === 'waiting');
  assert.match(await page.textContent('#message'), /Not live yet/);
  await shot(page, 'player-waiting');
  await other.stop();
  await until(page, () => document.documentElement.dataset.state === 'unreachable');
  await withStream({ port }, async () => {
    await until(page, isPlaying);
    await page.context().close();
  });
});

for (const end of ['stop', 'crash']) {
  test(`playback goes on by itself after the server was away (${end})`, async () => {
    const port = await freePort();
    const first = await startStream({ path: 'live/clock', port });
    const page = await openWithClock(browser, first.url);
    await until(page, isPlaying);
    await first[end]();
    await until(page, () => ['ended', 'unreachable', 'waiting'].includes(document.documentElement.dataset.state));
    assert.notEqual(await page.textContent('#headline'), '');
    await withStream({ port }, async () => until(page, isPlaying));
    await page.context().close();
  });
}

test('the index shows what is live with a picture, and nothing that is not', async () => {
  await withStream({}, async ({ base }) => {
    const page = await openWithClock(browser, `${base}/`);
    await until(page, () => document.querySelector('.card canvas')?.width > 0);
    assert.equal(await page.textContent('.card a'), 'live/clock');
    await shot(page, 'index');
    await page.click('.card a');
    await until(page, isPlaying);
    await page.context().close();
  });
});

test('an address with nothing behind it leads back to what is live', async () => {
  await withStream({}, async ({ base }) => {
    const page = await openWithClock(browser, `${base}/nothing/here.txt`);
    assert.match(await page.textContent('main'), /nothing at this address/);
    await page.click('main a');
    await until(page, () => document.querySelector('.card') !== null);
    await page.context().close();
  });
});
