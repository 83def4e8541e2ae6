// SPDX-License-Identifier: LGPL-2.1-or-later
// The player page by WebRTC in Chromium: what a viewer sees, and what the page asks of a WHEP server. The server is the
// tests' own, so that it can refuse and lose its viewers.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launchChromium, workDir } from './chromium.mjs';
import { measurePage, openWithClock, until } from './measure.mjs';
import { freePort, startStream } from './stream.mjs';
import { WhepServer } from './whep_server.mjs';

const PHONE = { width: 390, height: 844 };
const HLS = { kind: 'hls', url: 'index.m3u8' }, WHEP = { kind: 'whep', url: 'whep' };
const shot = (page, name) => page.screenshot({ path: join(workDir, `${name}.png`), fullPage: true });
const isPlaying = () => document.documentElement.dataset.state === 'playing';
const playsByWebRtc = () => document.documentElement.dataset.state === 'playing' && document.querySelector('video').srcObject !== null;
const playsByHls = () => document.documentElement.dataset.state === 'playing' && document.querySelector('video').srcObject === null;

let browser, stream;
before(async () => {
  browser = await launchChromium();
  stream = await startStream({ path: 'live/clock', port: await freePort() });
});
after(async () => {
  await stream?.stop();
  await browser?.close();
});

// Gives `use` the server and a function that opens a page of it.
async function withServer(options, use) {
  const server = Object.assign(await WhepServer.start(browser, stream.base), { outputs: [HLS, WHEP] }, options);
  const pages = [];
  const open = async (url, viewport) => {
    const page = await openWithClock(browser, `${server.base}${url}`, viewport);
    pages.push(page);
    return page;
  };
  try {
    await use(server, open);
  } finally {
    for (const page of pages) await page.context().close();
    await server.stop();
  }
}

// Until something is true of the server.
async function untilHere(page, predicate) {
  for (const deadline = Date.now() + 60000; !predicate(); await page.waitForTimeout(50)) {
    if (Date.now() > deadline) throw new Error(`not in time: ${predicate}`);
  }
}

test('picture and sound play, and the page shows the delay that the picture has', async () => {
  await withServer({ outputs: [WHEP] }, async (server, open) => {
    const page = await open('/live/clock/');
    const report = await measurePage(page, { seconds: 5, warmup: 3 });
    await until(page, () => Number(document.querySelector('[data-figure="bitrate"]').dataset.value) > 0);
    await shot(page, 'player-webrtc');
    const { delay_ms: delay, page: displayed } = report;
    const facts = JSON.stringify(report);
    assert.equal(report.pictures.backwards, 0, facts);
    assert.ok(Math.abs(displayed.delay_s.median * 1000 - delay.median) < 100, facts);
    assert.deepEqual(await page.evaluate(() => document.querySelector('video').srcObject.getTracks().map(({ kind }) => kind).sort()), ['audio', 'video']);
    assert.equal(await page.isVisible('#kinds'), false, 'no choice where there is none');
    assert.deepEqual(page.problems, []);
    assert.equal(server.posts.length, 1);
  });
});

test('WebRTC is preferred, the other way is one click away and stays chosen', async () => {
  await withServer({}, async (server, open) => {
    const page = await open('/live/clock/?more=1');
    await until(page, playsByWebRtc);
    assert.equal(await page.isChecked('#kinds [value=whep]'), true);
    assert.equal(await page.isVisible('[data-figure="playlistDelay"]'), false);
    assert.equal(await page.isVisible('[data-figure="jitterBuffer"]'), true);
    await until(page, () => Number(document.querySelector('[data-figure="bitrate"]').dataset.value) > 0);
    await shot(page, 'player-both');

    await page.check('#kinds [value=hls]');
    await until(page, playsByHls);
    assert.equal(new URL(page.url()).search, '?more=1&play=hls');
    assert.equal(await page.isVisible('[data-figure="playlistDelay"]'), true);
    await until(page, () => document.querySelector('[data-figure="delay"]').dataset.value !== '');
    assert.ok(await page.evaluate(() => Number(document.querySelector('[data-figure="delay"]').dataset.value)) > 0.1, 'no figure of WebRTC\'s');
    await untilHere(page, () => server.ended === 1);
    await page.reload();
    await until(page, playsByHls);
    assert.equal(server.posts.length, 1, 'no session was asked for');

    await page.check('#kinds [value=whep]');
    await until(page, playsByWebRtc);
    assert.equal(new URL(page.url()).search, '?more=1&play=webrtc');
    assert.deepEqual(page.problems, []);
  });
});

test('the choice fits a phone', async () => {
  await withServer({}, async (server, open) => {
    const page = await open('/live/clock/', PHONE);
    await until(page, playsByWebRtc);
    await until(page, () => Number(document.querySelector('[data-figure="bitrate"]').dataset.value) > 0);
    await shot(page, 'player-both-phone');
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
    await page.check('#kinds [value=hls]');
    await until(page, playsByHls);
    await shot(page, 'player-both-phone-hls');
  });
});

test('the session is given back when the page is left', async () => {
  await withServer({ outputs: [WHEP] }, async (server, open) => {
    const page = await open('/live/clock/');
    await until(page, playsByWebRtc);
    assert.equal(server.live.size, 1);
    await page.goto(`${server.base}/`);
    await untilHere(page, () => server.live.size === 0);
  });
});

for (const end of ['lose', 'crash']) {
  test(`a connection that the server lost is made again (${end})`, async () => {
    await withServer({}, async (server, open) => {
      const page = await open('/live/clock/');
      await until(page, playsByWebRtc);
      await server[end]();
      await until(page, () => document.documentElement.dataset.state !== 'playing');
      await untilHere(page, () => server.posts.length === 2);
      await until(page, playsByWebRtc);
      await untilHere(page, () => server.ended === 1);
    });
  });
}

test('what the server says of a refusal is shown, and it is asked again when it says so', async () => {
  const problem = { title: 'Too many viewers', detail: 'This server serves 100 at a time.' };
  const full = { status: 503, headers: { 'Retry-After': '1' }, problem, lasting: true };
  await withServer({ outputs: [WHEP], refusals: [full] }, async (server, open) => {
    const page = await open('/live/clock/');
    await until(page, () => document.documentElement.dataset.state === 'refused');
    assert.equal(await page.textContent('#headline'), problem.title);
    assert.equal(await page.textContent('#detail'), problem.detail);
    await shot(page, 'player-refused');
    await untilHere(page, () => server.posts.length > 1);
    server.refusals = [];
    await until(page, playsByWebRtc);
  });
});

test('a stream that has not started is waited for', async () => {
  const absent = { status: 404, headers: {}, problem: { title: 'Not live' }, lasting: true };
  await withServer({ outputs: [WHEP], refusals: [absent] }, async (server, open) => {
    const page = await open('/live/clock/');
    await until(page, () => document.documentElement.dataset.state === 'waiting');
    server.refusals = [];
    await until(page, playsByWebRtc);
  });
});

test('a stream that ends says so, and is played when it comes back', async () => {
  await withServer({ outputs: [WHEP] }, async (server, open) => {
    const page = await open('/live/clock/');
    await until(page, playsByWebRtc);
    Object.assign(server, { outputs: [], refusals: [{ status: 404, headers: {}, lasting: true }] });
    await server.lose();
    await until(page, () => document.documentElement.dataset.state === 'ended');
    Object.assign(server, { outputs: [WHEP], refusals: [] });
    await until(page, playsByWebRtc);
  });
});

test('where WebRTC is refused for good, HLS is played', async () => {
  const refusal = { status: 406, headers: {}, problem: { title: 'No codec in common' }, lasting: true };
  await withServer({ refusals: [refusal] }, async (server, open) => {
    const page = await open('/live/clock/');
    await until(page, playsByHls);
    assert.equal(server.posts.length, 1);
    assert.equal(await page.isChecked('#kinds [value=hls]'), true);
    assert.equal(await page.textContent('#note'), 'WebRTC does not work here: this is LL-HLS.');
    await page.check('#kinds [value=whep]');
    await until(page, () => document.documentElement.dataset.state === 'refused');
    assert.equal(await page.isVisible('#note'), false);
    assert.equal(await page.textContent('#headline'), 'No codec in common');
  });
});

test('where no media can come, as behind a firewall, HLS is played', async () => {
  await withServer({ reachable: false }, async (server, open) => {
    const page = await open('/live/clock/');
    await until(page, playsByHls);
    assert.equal(server.posts.length, 2);
    await untilHere(page, () => server.ended === 2);
    assert.equal(await page.isVisible('#note'), true);
    await shot(page, 'player-instead');
  });
});

test('a stream without sound plays', async () => {
  await withServer({ outputs: [WHEP], kinds: ['video'] }, async (server, open) => {
    const page = await open('/live/clock/');
    await until(page, playsByWebRtc);
    assert.match(server.posts[0], /^m=audio/m);
    assert.equal(await page.evaluate(() => document.querySelector('video').srcObject.getAudioTracks().length), 0);
  });
});

test('a link that asks for what is not there plays what is, and that once it comes', async () => {
  await withServer({ outputs: [HLS] }, async (server, open) => {
    const page = await open('/live/clock/?play=webrtc');
    await until(page, playsByHls);
    server.outputs = [HLS, WHEP];
    await until(page, playsByWebRtc);
  });
});

test('the index names what a path has, and asks for no session', async () => {
  await withServer({ outputs: [WHEP] }, async (server, open) => {
    const page = await open('/');
    await until(page, () => document.querySelector('.ways a') !== null);
    assert.equal(await page.textContent('.ways'), 'WebRTC');
    await shot(page, 'index-webrtc');
    server.outputs = [HLS, WHEP];
    await until(page, () => document.querySelector('.card canvas')?.width > 0);
    assert.equal(await page.textContent('.ways'), 'LL-HLSWebRTC');
    await shot(page, 'index-both');
    assert.equal(server.posts.length, 0);
    await page.click('.ways a:first-child');
    await page.waitForURL('**/live/clock/?play=hls');
    await until(page, playsByHls);
    assert.equal(server.posts.length, 0);
  });
});

const playingRung = () => document.querySelector('#rungs [data-playing]')?.value;

// Joins again as `value`, and waits until what is shown is the new session's.
async function joinAs(page, value) {
  await page.evaluate(() => { window.before = document.querySelector('video').srcObject; });
  await page.hover('#stage');
  await page.click('#rung');
  await page.click(`#rungs [value="${value}"]`);
  await untilNew(page);
}

async function untilNew(page) {
  await until(page, () => document.querySelector('video').srcObject !== window.before && document.querySelector('video').readyState > 2);
  await until(page, playsByWebRtc);
}

test('renditions that the server names are a menu, and choosing one joins again with its name', async () => {
  await withServer({ outputs: [WHEP], renditions: '720p;bitrate=2500000, 360p;bitrate=800000' }, async (server, open) => {
    const page = await open('/live/clock/');
    await until(page, playsByWebRtc);
    await until(page, () => !document.querySelector('#rung').hidden);
    await page.hover('#stage');
    await page.click('#rung');
    await until(page, () => document.querySelectorAll('#rungs button').length === 3);
    assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('#rungs button')].map(({ textContent }) => textContent)),
                     ['Auto', '720p2.5 Mbit/s', '360p0.80 Mbit/s']);
    await shot(page, 'player-webrtc-rungs');
    await page.keyboard.press('Escape');
    await joinAs(page, '360p');
    assert.equal(await page.evaluate(playingRung), '360p');
    await untilHere(page, () => server.ended === 1);
    await joinAs(page, '');
    assert.deepEqual(server.asked, [null, '360p', null]);
    assert.deepEqual(page.problems, []);
  });
});

test('a rendition that was chosen is asked for again after a loss, until the server has none of that name', async () => {
  await withServer({ outputs: [WHEP], renditions: '720p, 360p' }, async (server, open) => {
    const page = await open('/live/clock/');
    await until(page, playsByWebRtc);
    await until(page, () => !document.querySelector('#rung').hidden);
    await joinAs(page, '360p');
    for (const refused of [false, true]) {
      if (refused) server.refusals.push({ status: 404 });
      await page.evaluate(() => { window.before = document.querySelector('video').srcObject; });
      await server.lose();
      await untilNew(page);
    }
    assert.deepEqual(server.asked, [null, '360p', '360p', '360p', null]);
  });
});

test('where the server names no renditions there is no menu', async () => {
  await withServer({ outputs: [WHEP] }, async (server, open) => {
    const page = await open('/live/clock/');
    await until(page, playsByWebRtc);
    assert.equal(await page.isVisible('#rung'), false);
  });
});
