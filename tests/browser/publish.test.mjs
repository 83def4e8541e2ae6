// SPDX-License-Identifier: LGPL-2.1-or-later
// From a browser to browsers, through our elements: what the publish page sends is watched in the player page, by WebRTC
// and by LL-HLS at once.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launchChromium, workDir } from './chromium.mjs';
import { openWithClock, until, untilHeard } from './measure.mjs';
import { begin, inState, openPublisher, publish } from './publishing.mjs';
import { freePort, startPipelineFile, startPublished } from './stream.mjs';

const shot = (page, name) => page.screenshot({ path: join(workDir, `${name}.png`), fullPage: true });

let browser;
before(async () => { browser = await launchChromium({ devices: 'allowed' }); });
after(() => browser?.close());

// Gives `use` a stream without a publisher; closes all pages that are open when it is done.
async function withStream(options, use) {
  const stream = await startPublished({ path: 'live/me', port: await freePort(), udp: await freePort(), ...options });
  try {
    await use(stream);
  } finally {
    for (const context of browser.contexts()) await context.close();
    await stream.stop();
  }
}

// Opens the player page once there is what it is to play.
async function watch(stream, play) {
  const sign = `${stream.url}${play === 'hls' ? 'index.m3u8' : 'outputs.json'}`;
  for (const deadline = Date.now() + 30000; !(await fetch(sign)).ok; await new Promise((next) => setTimeout(next, 50))) {
    if (Date.now() > deadline) throw new Error(`not in time: ${sign}`);
  }
  return openWithClock(browser, `${stream.url}?play=${play}`);
}

// That a picture is shown after another, none an earlier one, and of the right size; that sound is heard; no complaints.
// How soon, the benches measure.
async function assertWatched(page, { width, height }, pictures = 40) {
  await page.evaluate((wanted) => { window.wantedPictures = wanted; }, pictures);
  await until(page, () => window.pictureClock.report(0).pictures.read >= window.wantedPictures);
  const { pictures: shown } = await page.evaluate(() => window.pictureClock.report(0));
  const facts = JSON.stringify(shown);
  assert.equal(shown.backwards, 0, facts);
  assert.deepEqual(shown.sizes, [`${width}x${height}`], facts);
  await untilHeard(page);
  assert.deepEqual(page.problems, []);
}

const SMALL = { width: 640, height: 360 };
const shownBy = (page) => page.evaluate(() => document.documentElement.dataset.kind);

test('the test picture is watched by WebRTC and by LL-HLS at once', async () => {
  await withStream({}, async (stream) => {
    const publisher = await publish(browser, stream);
    const [webrtc, hls] = await Promise.all(['webrtc', 'hls'].map((play) => watch(stream, play)));
    await Promise.all([webrtc, hls].map((page) => assertWatched(page, { width: 1280, height: 720 })));
    assert.deepEqual([await shownBy(webrtc), await shownBy(hls)], ['whep', 'hls']);
    await shot(publisher, 'published');
    await shot(webrtc, 'published-webrtc');
    await shot(hls, 'published-hls');
    assert.deepEqual(publisher.problems, []);
  });
});

// Its picture has no clock.
test('a camera and a microphone are watched by WebRTC and by LL-HLS at once', async () => {
  await withStream({}, async (stream) => {
    const publisher = await publish(browser, stream, { source: 'camera', height: 360 });
    const pages = await Promise.all(['webrtc', 'hls'].map((play) => watch(stream, play)));
    await Promise.all(pages.map(async (page) => {
      await until(page, () => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames > 40);
      assert.deepEqual(await page.evaluate(() => [document.querySelector('video').videoWidth, document.querySelector('video').videoHeight]), [640, 360]);
      await untilHeard(page);
      assert.deepEqual(page.problems, []);
    }));
    await shot(pages[0], 'published-camera');
    assert.deepEqual(publisher.problems, []);
  });
});

// H.264 is what the others here are published in. What HLS has a word for goes there, too.
for (const [codec, hls] of [['av1', true], ['vp9', false], ['vp8', false]]) {
  test(`${codec} is watched by WebRTC${hls ? ' and by LL-HLS' : ''}`, async () => {
    await withStream({ hls }, async (stream) => {
      const publisher = await publish(browser, stream, { codec, height: 360 });
      const pages = await Promise.all((hls ? ['webrtc', 'hls'] : ['webrtc']).map((play) => watch(stream, play)));
      await Promise.all(pages.map((page) => assertWatched(page, SMALL)));
      await until(publisher, () => document.querySelector('[data-figure="codec"]').dataset.value !== '');
      assert.equal(await publisher.getAttribute('[data-figure="codec"]', 'data-value'), codec.toUpperCase());
    });
  });
}

const picturesAfter = (page) => page.evaluate(() => { window.before = window.pictureClock.report(0).pictures.read; })
  .then(() => until(page, () => window.pictureClock.report(0).pictures.read > window.before + 20));

test('whoever watches goes on by itself when the publisher stops and starts again', async () => {
  await withStream({}, async (stream) => {
    const publisher = await publish(browser, stream, { height: 360 });
    const pages = await Promise.all(['webrtc', 'hls'].map((play) => watch(stream, play)));
    await Promise.all(pages.map((page) => assertWatched(page, SMALL, 20)));
    await publisher.click('#start');
    await inState(publisher, 'idle');
    await until(pages[0], () => document.documentElement.dataset.state !== 'playing');
    await begin(publisher);
    await Promise.all(pages.map(picturesAfter));
    for (const page of pages) assert.equal(await page.evaluate(() => window.pictureClock.report(0).pictures.backwards), 0);
  });
});

test('a page that was reloaded may publish again, and so may one after another that died', async () => {
  await withStream({ hls: false }, async (stream) => {
    const publisher = await publish(browser, stream, { height: 360 });
    const page = await watch(stream, 'webrtc');
    await assertWatched(page, SMALL, 20);
    await publisher.reload();
    await inState(publisher, 'idle');
    await begin(publisher);
    await picturesAfter(page);
    const next = await openPublisher(browser, stream, { height: 360 });
    await publisher.goto('chrome://crash').catch(() => {});  // it says no goodbye
    // For a moment it might still return.
    for (const deadline = Date.now() + 30000; await begin(next, 3).then(() => false, () => true);) {
      assert.ok(Date.now() < deadline, await next.textContent('#message'));
    }
    await picturesAfter(page);
  });
});

test('a second publisher is told that there is one, and does not disturb it', async () => {
  await withStream({ hls: false }, async (stream) => {
    await publish(browser, stream, { height: 360 });
    const page = await watch(stream, 'webrtc');
    const other = await openPublisher(browser, stream, { height: 360 });
    await other.click('#start');
    await inState(other, 'refused');
    assert.match(await other.textContent('#message'), /Somebody publishes/);
    await picturesAfter(page);
  });
});

test('where a token is wanted the page says so, and publishes with it', async () => {
  await withStream({ hls: false, token: 'right' }, async (stream) => {
    const page = await openPublisher(browser, stream, { height: 360 });
    await page.click('#start');
    await inState(page, 'refused');
    assert.match(await page.textContent('#message'), /wants a token/);
    await page.fill('#token', 'wrong');
    await page.click('#start');
    await until(page, () => /does not accept this token/.test(document.querySelector('#message').textContent));
    await page.fill('#token', 'right');
    await begin(page);
    await assertWatched(await watch(stream, 'webrtc'), SMALL, 20);
  });
});

test('each layer of a simulcast is a rendition', async () => {
  await withStream({ hls: false, layers: 3 }, async (stream) => {
    await publish(browser, stream, { simulcast: true });
    const page = await watch(stream, 'webrtc');
    for (const [name, width] of [['180p', 320], ['720p', 1280], ['360p', 640]]) {
      await until(page, () => !document.querySelector('#rung').hidden);
      await page.click('#rung');
      await page.click(`#rungs [value="${name}"]`);
      await until(page, `document.querySelector('video').videoWidth === ${width}`);
      await picturesAfter(page);
    }
    assert.deepEqual(page.problems, []);
  });
});

test('VP8 is watched by LL-HLS through the ladder of a pipeline file', async () => {
  const stream = await startPipelineFile({ name: 'ingest-to-llhls-webrtc', path: 'live/me', port: await freePort(), udp: await freePort() });
  try {
    const publisher = await publish(browser, stream, { codec: 'vp8', height: 360 });
    const page = await watch(stream, 'hls');
    await assertWatched(page, SMALL);
    assert.equal(await shownBy(page), 'hls');
    assert.deepEqual(publisher.problems, []);
  } finally {
    for (const context of browser.contexts()) await context.close();
    await stream.stop();
  }
});
