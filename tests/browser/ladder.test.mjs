// SPDX-License-Identifier: LGPL-2.1-or-later
// A stream in several renditions on the player page: the menu of them, and changes that nobody sees.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launchChromium, workDir } from './chromium.mjs';
import { openWithClock, until } from './measure.mjs';
import { freePort, startLadder } from './stream.mjs';

const PHONE = { width: 390, height: 844 };
const WIDTHS = { '360p': 640, '270p': 480, '180p': 320 };
const shot = (page, name) => page.screenshot({ path: join(workDir, `${name}.png`) });
const isPlaying = () => document.documentElement.dataset.state === 'playing';

let browser, stream;
before(async () => {
  browser = await launchChromium();
  stream = await startLadder({ path: 'live/clock', port: await freePort() });
});
after(async () => {
  await stream?.stop();
  await browser?.close();
});

async function withPage(viewport, use) {
  const page = await openWithClock(browser, stream.url, viewport);
  try {
    await until(page, isPlaying);
    await until(page, () => !document.querySelector('#rung').hidden);
    await use(page);
    assert.deepEqual(page.problems, []);
  } finally {
    await page.context().close();
  }
}

async function choose(page, name) {
  await page.hover('#stage');
  await page.click('#rung');
  await page.click(`#rungs [value="${name}"]`);
}

// Until the screen shows that rendition and the menu says so.
async function untilPlaying(page, name) {
  await page.evaluate(([wanted, width]) => { window.wanted = { name: wanted, width }; }, [name, WIDTHS[name]]);
  await until(page, () => document.querySelector('video').videoWidth === window.wanted.width
    && document.querySelector('#rungs [data-playing]')?.value === window.wanted.name);
}

const menu = (page) => page.evaluate(() => [...document.querySelectorAll('#rungs button')]
  .map(({ textContent, ariaChecked }) => ({ text: textContent, chosen: ariaChecked === 'true' })));

test('the menu has every rendition with its bit rate, and says which is chosen and which plays', async () => {
  await withPage(undefined, async (page) => {
    await page.click('#rung');
    const items = await menu(page);
    assert.deepEqual(items.map(({ text }) => text.replace(/[\d.]+ Mbit\/s$/, '')), ['Auto', '360p', '270p', '180p']);
    assert.deepEqual(items.map(({ chosen }) => chosen), [true, false, false, false]);
    for (const { text } of items.slice(1)) assert.match(text, /\d Mbit\/s$/);
    await until(page, () => document.querySelector('#rungs [data-playing]') !== null);
    await page.keyboard.press('Escape');
    await choose(page, '180p');
    await untilPlaying(page, '180p');
    assert.equal(await page.textContent('#rung .rung-what'), '180p');
    await until(page, () => document.querySelector('[data-figure="resolution"]').textContent === '320 × 180'
      && document.querySelector('[data-figure="rung"]').textContent.startsWith('180p'));
    await choose(page, '');
    await untilPlaying(page, '360p');
    assert.equal(await page.textContent('#rung .rung-how'), 'Auto');
    await page.click('#rung');
    await shot(page, 'player-rungs');
  });
});

test('the menu is used by keyboard as menus are', async () => {
  await withPage(undefined, async (page) => {
    await page.focus('#rung');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Auto');
    for (const [key, focused] of [['ArrowDown', '360p'], ['End', '180p'], ['ArrowDown', ''], ['ArrowUp', '180p'], ['Home', ''], ['End', '180p']]) {
      await page.keyboard.press(key);
      assert.equal(await page.evaluate(() => document.activeElement.value), focused, key);
    }
    await page.keyboard.press(' ');
    assert.equal(await page.isVisible('#rungs'), false);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'rung');
    await untilPlaying(page, '180p');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    assert.equal(await page.isVisible('#rungs'), false);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'rung');
    assert.equal(await page.evaluate(() => document.querySelector('video').paused), false, 'keys of the menu are not the player\'s');
  });
});

test('the menu fits on a phone', async () => {
  await withPage(PHONE, async (page) => {
    await page.hover('#stage');
    await page.click('#rung');
    const [stage, items] = await page.evaluate(() => ['#stage', '#rungs'].map((id) => document.querySelector(id).getBoundingClientRect().toJSON()));
    assert.ok(items.top >= stage.top && items.bottom <= stage.bottom && items.left >= 0 && items.right <= 390, JSON.stringify({ stage, items }));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    await shot(page, 'player-rungs-phone');
  });
});

test('changes up and down are not seen: nothing stands still, nothing is shown twice', async () => {
  await withPage(undefined, async (page) => {
    await until(page, () => window.pictureClock.started());
    await page.waitForTimeout(5000);  // of playing, until the page has found its delay
    for (const name of ['180p', '360p', '270p', '180p', '270p', '360p']) {
      await choose(page, name);
      await untilPlaying(page, name);
    }
    const report = await page.evaluate(() => window.pictureClock.report(4));
    const facts = JSON.stringify(report);
    assert.deepEqual(report.gaps_over_250ms.filter(({ ms }) => ms > 500), [], facts);
    assert.equal(report.pictures.backwards, 0, facts);
    assert.deepEqual(new Set(report.pictures.sizes), new Set(['640x360', '480x270', '320x180']));
  });
});

test('a rendition that pauses is left for another, and played again when it is back', async () => {
  await withPage(undefined, async (page) => {
    await choose(page, '270p');
    await untilPlaying(page, '270p');
    stream.turn();
    await untilPlaying(page, '180p');
    await page.evaluate(() => { window.from = document.querySelector('video').currentTime; });
    await until(page, () => document.querySelector('video').currentTime > window.from + 5);
    stream.turn();
    await untilPlaying(page, '270p');
    await page.evaluate(() => { window.from = document.querySelector('video').currentTime; });
    await until(page, () => document.querySelector('video').currentTime > window.from + 3);
  });
});

test('what was chosen is still chosen when the stream was away', async () => {
  const port = await freePort();
  const first = await startLadder({ path: 'live/again', port });
  const page = await openWithClock(browser, first.url);
  await until(page, isPlaying);
  await until(page, () => !document.querySelector('#rung').hidden);
  await choose(page, '270p');
  await untilPlaying(page, '270p');
  await first.stop();
  await until(page, () => document.documentElement.dataset.state !== 'playing');
  const second = await startLadder({ path: 'live/again', port });
  await until(page, isPlaying);
  await untilPlaying(page, '270p');
  await page.context().close();
  await second.stop();
});
