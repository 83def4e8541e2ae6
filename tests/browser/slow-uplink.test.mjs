// SPDX-License-Identifier: LGPL-2.1-or-later
// A publisher whose way to the server becomes narrow: the server is at the other end of a cable, and what leaves our end
// is given a limit.
import assert from 'node:assert/strict';
import { launchChromium } from './chromium.mjs';
import { openWithClock, until } from './measure.mjs';
import { limit, otherEnd, testInOwnNetwork } from './own-network.mjs';
import { publish, sent } from './publishing.mjs';
import { freePort, startPublished } from './stream.mjs';

const RATE = 1e6;  // that of limit()

async function followTheNetwork(context) {
  const { server, within, close } = await otherEnd();
  const browser = await launchChromium({ host: server });
  const stream = await startPublished({ path: 'live/me', port: await freePort(), udp: await freePort(), hls: false, server, within });
  try {
    const publisher = await publish(browser, stream, { height: 360, bitrate: 2.5, noise: true });
    const page = await openWithClock(browser, `${stream.url}?play=webrtc`);
    const target = async (isReached) => {
      for (const deadline = Date.now() + 60000; ; await page.waitForTimeout(250)) {
        const { targetBitrate } = await sent(publisher);
        if (isReached(targetBitrate)) return targetBitrate;
        assert.ok(Date.now() < deadline, `not in time: ${isReached}, but ${targetBitrate}`);
      }
    };
    const wide = await target((rate) => rate > 1.5 * RATE);
    await until(page, () => document.querySelector('video')?.videoWidth > 0);
    limit('here');
    const began = Date.now();
    const narrow = await target((rate) => rate < RATE);
    context.diagnostic(`the encoder was given ${wide} bit/s, and ${narrow} bit/s ${((Date.now() - began) / 1000).toFixed(1)} s after the limit`);
    await page.evaluate(() => {
      const video = document.querySelector('video');
      window.shown = 0;
      const count = () => { window.shown++; video.requestVideoFrameCallback(count); };
      video.requestVideoFrameCallback(count);
    });
    await until(page, () => window.shown > 60);
    assert.equal(await publisher.evaluate(() => document.documentElement.dataset.state), 'live');
    assert.deepEqual(page.problems, []);
  } finally {
    await browser.close();
    await stream.stop();
    close();
  }
}

testInOwnNetwork(import.meta.url, 'a publisher\'s encoder follows what its network takes', followTheNetwork);
