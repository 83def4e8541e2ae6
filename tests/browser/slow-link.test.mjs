// SPDX-License-Identifier: LGPL-2.1-or-later
// A viewer of HLS whose network becomes slow and fast again: the loopback, which server and browser are alone on, is
// given a limit.
import assert from 'node:assert/strict';
import { launchChromium } from './chromium.mjs';
import { openWithClock, until } from './measure.mjs';
import { limit, run, testInOwnNetwork, unlimit } from './own-network.mjs';
import { freePort, startLadder } from './stream.mjs';

async function goDownAndUp() {
  run('ip', 'link', 'set', 'lo', 'up', 'mtu', '1500');  // as a real link has: the limit is one of packets
  const browser = await launchChromium();
  const stream = await startLadder({ path: 'live/clock', port: await freePort(), noise: true });
  try {
    const page = await openWithClock(browser, stream.url);
    const rungIs = (name, state) => page.evaluate((wanted) => { window.wanted = wanted; }, { name, state })
      .then(() => until(page, () => document.querySelector('#rungs [data-playing]')?.value === window.wanted.name
        && document.documentElement.dataset.state === 'playing', 90));
    await rungIs('360p');
    limit('lo');
    await rungIs('180p');
    await page.evaluate(() => { window.from = document.querySelector('video').currentTime; });
    await until(page, () => document.querySelector('video').currentTime > window.from + 10, 90);  // it goes on
    unlimit('lo');
    await rungIs('360p');
    assert.deepEqual(page.problems, []);
  } finally {
    await browser.close();
    await stream.stop();
  }
}

testInOwnNetwork(import.meta.url, 'a slow link plays a lower rendition, and the best one again when it is fast', goDownAndUp);
