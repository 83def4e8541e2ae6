// SPDX-License-Identifier: LGPL-2.1-or-later
// millwhepsink in Chromium: picture and sound, from the first picture on, beside HLS and alone.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launchChromium, workDir } from './chromium.mjs';
import { measurePage, openWithClock, until, untilHeard } from './measure.mjs';
import { freePort, startPicture, startStream } from './stream.mjs';

const playsByWebRtc = () => document.documentElement.dataset.state === 'playing' && document.querySelector('video').srcObject !== null;
const playsByHls = () => document.documentElement.dataset.state === 'playing' && document.querySelector('video').srcObject === null;

let browser;
before(async () => { browser = await launchChromium(); });
after(() => browser?.close());

async function withPage(options, use) {
  const stream = await startStream({ path: 'live/clock', port: await freePort(), udp: await freePort(), ...options });
  const page = await openWithClock(browser, stream.url);
  try {
    await use(page, stream);
    assert.deepEqual(page.problems, []);
  } finally {
    await page.context().close();
    await stream.stop();
  }
}

const received = (page) => page.evaluate(async () => {
  const video = document.querySelector('video');
  const kinds = video.srcObject.getTracks().map(({ kind }) => kind).sort();
  return { kinds, width: video.videoWidth, height: video.videoHeight };
});

// How late the picture is, and how soon the first one is there, is measured by tests/bench: it says more of a busy machine.
test('picture and sound play, and the page shows the delay that the picture has', async () => {
  await withPage({ hls: false }, async (page) => {
    const report = await measurePage(page, { seconds: 6, warmup: 3 });
    await page.screenshot({ path: join(workDir, 'whepsink.png'), fullPage: true });
    const { delay_ms: delay, pictures } = report;
    const facts = JSON.stringify(report);
    assert.equal(pictures.backwards, 0, facts);
    assert.ok(pictures.read > 30, facts);
    // The browser finds our clock by and by.
    await page.evaluate((seconds) => { window.trueDelay = seconds; }, delay.median / 1000);
    await until(page, () => Math.abs(document.querySelector('[data-figure="delay"]').dataset.value - window.trueDelay) < 0.1);
    assert.deepEqual(await received(page), { kinds: ['audio', 'video'], width: 1280, height: 720 });
  });
});

test('sound that was AAC is heard', async () => {
  await withPage({ hls: false }, async (page) => {
    await until(page, playsByWebRtc);
    await untilHeard(page);
  });
});

test('a click goes to HLS and back', async () => {
  await withPage({}, async (page) => {
    await until(page, playsByWebRtc);
    await page.check('#kinds [value=hls]');
    await until(page, playsByHls);
    await page.check('#kinds [value=whep]');
    await until(page, playsByWebRtc);
  });
});

for (const end of ['stop', 'crash']) {
  test(`playback goes on by itself after the server was away (${end})`, async () => {
    const ports = { port: await freePort(), udp: await freePort() };
    const first = await startStream({ path: 'live/clock', hls: false, ...ports });
    const page = await openWithClock(browser, first.url);
    await until(page, playsByWebRtc);
    await first[end]();
    await until(page, () => document.documentElement.dataset.state !== 'playing');
    const second = await startStream({ path: 'live/clock', hls: false, ...ports });
    await until(page, playsByWebRtc);
    await page.context().close();
    await second.stop();
  });
}

const ENCODERS = {
  VP8: 'vp8enc deadline=1 keyframe-max-dist=60',
  VP9: 'videoconvert ! video/x-raw,format=I420 ! vp9enc deadline=1 cpu-used=8 keyframe-max-dist=60',
  AV1: 'videoconvert ! video/x-raw,format=I420 ! av1enc usage-profile=realtime cpu-used=8 keyframe-max-dist=60 target-bitrate=800 ! av1parse',
};
for (const [codec, encode] of Object.entries(ENCODERS)) {
  test(`${codec} plays`, async () => {
    const stream = await startPicture({ path: 'live/picture', port: await freePort(), encode });
    const page = await openWithClock(browser, stream.url);
    await until(page, () => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames > 30);
    assert.deepEqual(await received(page), { kinds: ['video'], width: 640, height: 360 });
    await page.context().close();
    await stream.stop();
  });
}
