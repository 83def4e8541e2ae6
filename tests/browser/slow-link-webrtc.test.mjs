// SPDX-License-Identifier: LGPL-2.1-or-later
// A viewer of WebRTC whose way becomes narrow and wide again: the server is at the other end of a cable, and what it
// sends is given a limit.
import assert from 'node:assert/strict';
import { launchChromium } from './chromium.mjs';
import { openWithClock, until } from './measure.mjs';
import { limit, otherEnd, testInOwnNetwork, unlimit } from './own-network.mjs';
import { freePort, startWebRtcLadder } from './stream.mjs';

const WIDTHS = { best: 640, least: 320 };

async function goDownAndUp() {
  const { server, within, device, close } = await otherEnd();
  const browser = await launchChromium({ host: server });
  const stream = await startWebRtcLadder({ path: 'live/clock', port: await freePort(), server, within });
  try {
    const page = await openWithClock(browser, `${stream.url}?play=webrtc`);
    // How many pictures came of each width, so that it is seen to go on after it has changed.
    await until(page, () => document.querySelector('video')?.videoWidth > 0);
    await page.evaluate(() => {
      const video = document.querySelector('video');
      window.shown = {};
      const count = (_, { width }) => {
        window.shown[width] = (window.shown[width] ?? 0) + 1;
        video.requestVideoFrameCallback(count);
      };
      video.requestVideoFrameCallback(count);
    });
    const shows = (width) => page.evaluate((wanted) => { window.wanted = wanted; window.shown = {}; }, width)
      .then(() => until(page, () => window.shown[window.wanted] > 60, 90));
    await shows(WIDTHS.best);
    limit(device, ...within);
    await shows(WIDTHS.least);
    unlimit(device, ...within);
    await shows(WIDTHS.best);
    assert.deepEqual(page.problems, []);
  } finally {
    await browser.close();
    await stream.stop();
    close();
  }
}

testInOwnNetwork(import.meta.url, 'a narrow way is sent a lower rendition, and the best one again when it is wide', goDownAndUp);
