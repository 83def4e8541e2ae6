// SPDX-License-Identifier: LGPL-2.1-or-later
// A publisher whose network loses a packet in twenty, both ways: what those see who watch it by WebRTC. How long its
// picture stood still is printed; a busy machine has its part in that.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchChromium } from './chromium.mjs';
import { LossyPath } from './lossy-path.mjs';
import { openWithClock, until } from './measure.mjs';
import { publish, sent } from './publishing.mjs';
import { freePort, startPublished } from './stream.mjs';

const LOSS = 0.05;
const SECONDS = Number(process.env.MILLRACE_LOSS_SECONDS ?? 8);

// What is shown from now on.
const watched = (page, seconds) => page.evaluate(() => { window.since = window.pictureClock.seconds(); })
  .then(() => page.waitForTimeout(seconds * 1000))
  .then(() => page.evaluate(() => window.pictureClock.report(window.since)));

function figures({ pictures, pauses_ms: pauses, delay_ms: delay }) {
  return `${pauses.count} pictures, longest pause ${pauses.max} ms (median ${pauses.median}, p95 ${pauses.p95}), delay ${delay.median} ms (p95 ${delay.p95}), `
    + `${pictures.unreadable} unreadable, ${pictures.backwards} backwards`;
}

for (const codec of ['h264', 'vp8']) {
  test(`one packet in twenty lost: ${codec} goes on`, async (context) => {
    const udp = await freePort(), path = await LossyPath.before(udp);
    const browser = await launchChromium();
    const stream = await startPublished({ path: 'live/me', port: await freePort(), udp, hls: false, advertise: `127.0.0.1:${path.port}` });
    try {
      const publisher = await publish(browser, stream, { codec, height: 360, noise: true });
      await until(publisher, () => Number(document.querySelector('[data-figure="bitrate"]').dataset.value) > 0);
      const page = await openWithClock(browser, `${stream.url}?play=webrtc`);
      await until(page, () => window.pictureClock.started());
      await page.waitForTimeout(2000);
      context.diagnostic(`without loss: ${figures(await watched(page, 4))}`);
      path.loss = LOSS;
      const before = await sent(publisher);
      const report = await watched(page, SECONDS);
      const after = await sent(publisher);
      const count = (name) => after[name] - before[name];
      context.diagnostic(`with loss:    ${figures(report)}; ${count('framesSent')} sent`);
      context.diagnostic(`${path.lost} packets lost of ${path.lost + path.passed}; sent again ${count('retransmittedPacketsSent')}, asked for ${count('nackCount')} times, key frames ${count('keyFramesEncoded')} for ${count('pliCount')} requests; ${Math.round(after.targetBitrate / 1000)} kbit/s`);
      assert.ok(path.lost > 10, 'some are lost');
      assert.ok(count('retransmittedPacketsSent') > 0, 'and sent again');
      assert.ok(report.pictures.read > SECONDS * 3, JSON.stringify(report.pictures));
      assert.deepEqual([report.pictures.backwards, report.pictures.unreadable], [0, 0]);
      assert.deepEqual(page.problems, []);
      path.loss = 0;
      await page.evaluate(() => { window.before = window.pictureClock.report(0).pictures.read; });
      await until(page, () => window.pictureClock.report(0).pictures.read > window.before + 20);
    } finally {
      await browser.close();
      await stream.stop();
      path.close();
    }
  });
}
