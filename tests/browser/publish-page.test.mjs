// SPDX-License-Identifier: LGPL-2.1-or-later
// The publish page in Chromium: what a publisher sees, what is sent, and what the page asks of a WHIP server. The server
// is the tests' own, so that it can refuse and lose its publishers.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launchChromium, workDir } from './chromium.mjs';
import { until } from './measure.mjs';
import { WhipServer } from './whip_server.mjs';

const PHONE = { width: 390, height: 844 };
const shot = (page, name) => page.screenshot({ path: join(workDir, `${name}.png`), fullPage: true });
const inState = (page, state) => until(page, `document.documentElement.dataset.state === '${state}'`, 30);
const figure = (page, name) => page.getAttribute(`[data-figure="${name}"]`, 'data-value');

let browser;
before(async () => { browser = await launchChromium({ devices: 'allowed' }); });
after(() => browser?.close());

// Runs inside the page, before its own scripts: its connections can be looked at, and said to be in another state.
function watchConnections() {
  window.answers = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) { super(...args); window.connection = this; }
    get connectionState() { return window.pretended ?? super.connectionState; }
    setRemoteDescription(description) { window.answers.push(description.sdp); return super.setRemoteDescription(description); }
  };
  window.pretend = (state) => {
    window.pretended = state;
    window.connection.dispatchEvent(new Event('connectionstatechange'));
    window.pretended = undefined;
  };
}

// Gives `use` the server and a function that opens a page of it.
async function withServer(use, { by = browser, host = '127.0.0.1' } = {}) {
  const server = await WhipServer.start(by);
  const contexts = [];
  const open = async (url, { viewport = { width: 1280, height: 900 }, context } = {}) => {
    if (!context) contexts.push(context = await by.newContext({ viewport }));
    const page = await context.newPage();
    page.problems = [];
    page.on('pageerror', (error) => page.problems.push(String(error)));
    await page.addInitScript(watchConnections);
    await page.goto(`http://${host}:${server.port}${url}`);
    return page;
  };
  try {
    await use(server, open);
  } finally {
    for (const context of contexts) await context.close();
    await server.stop();
  }
}

// Until something is true of the server.
async function untilHere(predicate) {
  for (const deadline = Date.now() + 30000; !await predicate(); await new Promise((next) => setTimeout(next, 50))) {
    if (Date.now() > deadline) throw new Error(`not in time: ${predicate}`);
  }
}

async function receives(server, frames = 10) {
  await untilHere(async () => server.session && (await server.received()).frames >= frames);
  return server.received();
}

test('the test picture is published at one click, and given back at another', async () => {
  await withServer(async (server, open) => {
    const page = await open('/live/me/publish?source=test');
    assert.equal(await page.textContent('#path'), 'live/me');
    assert.equal(await page.evaluate(() => document.querySelector('#watch').href), `${server.base}/live/me/`);
    await inState(page, 'idle');
    assert.equal(server.posts.length, 0);
    await page.click('#start');
    await inState(page, 'live');
    const { width, height, audioCodec } = await receives(server);
    assert.deepEqual([width, height, audioCodec], [1280, 720, 'audio/opus']);
    await untilHere(async () => (await server.received()).energy > 0);
    const [post] = server.posts;
    assert.deepEqual([post.path, post.type, post.authorization], ['/live/me/whip', 'application/sdp', undefined]);
    assert.match(post.offer, /a=fmtp:\d+ .*stereo=1/);
    await until(page, () => /live 0:0[1-9]/.test(document.querySelector('#badge').textContent));
    await until(page, () => Number(document.querySelector('[data-figure="bitrate"]').dataset.value) > 0);
    assert.equal(await figure(page, 'resolution'), '1280 × 720');
    for (const name of ['frameRate', 'roundTrip', 'codec', 'limit']) assert.notEqual(await figure(page, name), '', name);
    await until(page, () => document.querySelector('[data-figure="lost"]').dataset.value === '0');
    await shot(page, 'publish');
    await page.click('#start');
    await inState(page, 'idle');
    await untilHere(() => server.deletes.length === 1);
    assert.equal(server.live.size, 0);
    assert.deepEqual(page.problems, []);
  });
});

test('a camera and a microphone are published with the token, which only this tab knows', async () => {
  await withServer(async (server, open) => {
    const page = await open('/live/me/publish?source=camera');
    await page.fill('#token', 'secret');
    await page.click('#start');
    await inState(page, 'live');
    const { width, height } = await receives(server);
    assert.deepEqual([width, height], [1280, 720]);
    assert.equal(server.posts[0].authorization, 'Bearer secret');
    assert.equal(await page.evaluate(() => document.querySelector('#preview').srcObject.getVideoTracks()[0].contentHint), 'motion');
    assert.match(await page.textContent('[name=camera]'), /fake/);
    await until(page, () => connection.getSenders()[0].getParameters().degradationPreference === 'maintain-framerate');
    await untilHere(async () => (await server.received()).energy > 0);
    await page.click('#microphone-on');
    assert.equal(await page.getAttribute('#microphone-on', 'aria-pressed'), 'true');
    await page.waitForTimeout(1000);
    const { energy } = await server.received();
    await page.waitForTimeout(2000);
    assert.equal((await server.received()).energy, energy, 'nothing is heard of it');
    await page.reload();
    await untilHere(() => server.deletes.length === 1);
    assert.equal(server.deletes[0].authorization, 'Bearer secret');
    assert.equal(await page.inputValue('#token'), 'secret');
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify(localStorage) + location), /secret/);
    const other = await open('/live/me/publish', { context: page.context() });
    assert.equal(await other.inputValue('#token'), '');
    assert.deepEqual(page.problems, []);
  });
});

test('a picture alone is published where no microphone is wanted', async () => {
  await withServer(async (server, open) => {
    const page = await open('/live/me/publish?source=camera');
    await page.uncheck('[name=sound]');
    assert.equal(await page.isDisabled('[name=microphone]'), true);
    await page.click('#start');
    await inState(page, 'live');
    await receives(server);
    assert.doesNotMatch(server.posts[0].offer, /m=audio/);
    assert.equal(await page.isVisible('#microphone-on'), false);
    await page.dblclick('#start');
    await inState(page, 'live');
    assert.deepEqual([server.posts.length, server.deletes.length], [2, 1], 'stopped, and started once the server knew');
    assert.deepEqual(page.problems, []);
  });
});

test('a screen is published sharp', async () => {
  await withServer(async (server, open) => {
    const page = await open('/live/me/publish?source=screen');
    assert.match(await page.textContent('#headline'), /screen/);
    await page.click('#start');
    await inState(page, 'live');
    await receives(server, 3);
    assert.equal(await page.evaluate(() => document.querySelector('#preview').srcObject.getVideoTracks()[0].contentHint), 'detail');
    assert.equal(await page.evaluate(() => connection.getSenders()[0].getParameters().degradationPreference), 'maintain-resolution');
    await page.evaluate(() => document.querySelector('#preview').srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended')));
    await inState(page, 'blocked');
    assert.match(await page.textContent('#message'), /no longer shared.*stopped/s);
    await untilHere(() => server.live.size === 0);
    assert.deepEqual(page.problems, []);
  });
});

test('it begins with the whole picture and most of the bitrate, and sound in two channels', async () => {
  await withServer(async (server, open) => {
    const page = await open('/live/me/publish?source=test');
    await page.click('#start');
    await until(page, () => window.connection?.connectionState === 'connected');
    await page.waitForTimeout(1500);
    const [answer] = await page.evaluate(() => answers);
    assert.match(answer, /a=fmtp:\d+ .*x-google-start-bitrate=2000\r\n/);
    assert.match(answer, /a=fmtp:\d+ .*stereo=1;maxaveragebitrate=128000\r\n/);
    const video = await page.evaluate(async () => [...(await connection.getStats()).values()].find(({ type, kind }) => type === 'outbound-rtp' && kind === 'video'));
    assert.equal(video.frameWidth, 1280);
    assert.ok(video.targetBitrate > 1e6, JSON.stringify(video));
  });
});

test('what is chosen is sent, and changed while it is live', async () => {
  await withServer(async (server, open) => {
    const page = await open('/live/me/publish?source=test');
    await page.selectOption('[name=height]', '360');
    assert.equal(await page.inputValue('#bitrate'), '1');
    await page.click('#start');
    await inState(page, 'live');
    assert.equal((await receives(server)).height, 360);
    const encoding = () => page.evaluate(() => connection.getSenders()[0].getParameters().encodings[0]);
    assert.deepEqual([(await encoding()).maxBitrate, (await encoding()).maxFramerate], [1e6, 30]);
    await page.fill('#bitrate', '6');
    await untilHere(async () => (await encoding()).maxBitrate === 6e6);
    await page.selectOption('[name=height]', '720');
    await untilHere(async () => (await server.received()).height === 720);
    assert.equal(server.posts.length, 1);
    assert.equal(await page.isDisabled('[name=codec]'), true);
    const again = await open('/live/me/publish?source=test', { context: page.context() });
    assert.deepEqual([await again.inputValue('[name=height]'), await again.inputValue('#bitrate')], ['720', '6'], 'remembered');
  });
});

test('what cannot be changed while it is live is said, and what was live still is', async () => {
  await withServer(async (server, open) => {
    const page = await open('/live/me/publish?source=camera');
    await page.click('#start');
    await inState(page, 'live');
    const { frames } = await receives(server);
    await page.evaluate(() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotReadableError'); }; });
    await page.selectOption('[name=height]', '360');
    await until(page, () => !document.querySelector('#note').hidden);
    assert.match(await page.textContent('#note'), /cannot be used now.*Another program.*still is/);
    await shot(page, 'publish-unchanged');
    await receives(server, frames + 20);
    assert.equal(await page.evaluate(() => document.documentElement.dataset.state), 'live');
    assert.deepEqual(page.problems, []);
  });
});

test('H.264 is offered first, and a chosen codec alone', async () => {
  await withServer(async (server, open) => {
    const page = await open('/live/me/publish?source=test');
    await page.click('#start');
    assert.equal((await receives(server)).videoCodec, 'video/H264');
    const names = (offer) => [...new Set([...offer.slice(offer.indexOf('m=video')).split('m=audio')[0].matchAll(/a=rtpmap:\d+ (\w+)/g)].map(([, name]) => name))];
    assert.equal(names(server.posts[0].offer)[0], 'H264');
    assert.ok(names(server.posts[0].offer).includes('VP9'));
    await page.click('#start');
    await untilHere(() => server.live.size === 0);
    await page.click('summary');
    await page.selectOption('[name=codec]', 'vp9');
    await page.click('#start');
    assert.equal((await receives(server)).videoCodec, 'video/VP9');
    assert.deepEqual(names(server.posts[1].offer), ['VP9', 'rtx']);
  });
});

for (const accepted of [true, false]) {
  test(`simulcast is offered where it is wanted, ${accepted ? 'and every layer sent' : 'and without it the best layer is sent'}`, async () => {
    await withServer(async (server, open) => {
      // No browser receives simulcast; that it would is written into its answer.
      server.changed = (answer) => (accepted ? answer.replace(/(m=video[^]*?)(?=m=audio)/,
        '$1a=rid:720p recv\r\na=rid:360p recv\r\na=rid:180p recv\r\na=simulcast:recv 720p;360p;180p\r\na=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n') : answer);
      const page = await open('/live/me/publish?source=test');
      await page.click('summary');
      await page.check('[name=simulcast]');
      await page.click('#start');
      await inState(page, 'live');
      assert.match(server.posts[0].offer, /a=simulcast:send 720p;360p;180p\r\n/);
      const heights = () => page.evaluate(async () => [...(await connection.getStats()).values()]
        .filter(({ type, kind, framesSent }) => type === 'outbound-rtp' && kind === 'video' && framesSent > 5).map(({ frameHeight }) => frameHeight).sort((a, b) => b - a));
      const wanted = accepted ? [720, 360, 180] : [720];
      await untilHere(async () => JSON.stringify(await heights()) === JSON.stringify(wanted)).catch(async () => assert.deepEqual(await heights(), wanted));
      await until(page, `document.querySelector('[data-figure="layers"]').dataset.value === '${wanted.length}'`);
      assert.deepEqual(page.problems, []);
    });
  });
}

const REFUSALS = [
  [401, undefined, /wants a token/], [403, { title: 'Forbidden', detail: 'Your token is for live/you.' }, /not accept this token.*Your token is for live\/you/s],
  [404, { detail: 'There is no stream of this name.' }, /Nobody takes this path.*There is no stream of this name/s],
  [409, undefined, /Somebody publishes here already/], [422, { title: 'No common codec', detail: 'Offer H.264 or VP8.' }, /No common codec.*Offer H\.264/s],
];
test('a refusal is said in plain words, with the server\'s own', async () => {
  await withServer(async (server, open) => {
    const page = await open('/live/me/publish?source=test', { viewport: PHONE });
    for (const [i, [status, problem, words]] of REFUSALS.entries()) {
      server.refusals = [{ status, problem }];
      await page.click('#start');
      await untilHere(() => server.posts.length === i + 1);
      await inState(page, 'refused');
      assert.match(await page.textContent('#message'), words);
      assert.equal(await page.evaluate(() => document.activeElement.id === 'token'), status === 401 || status === 403);
      assert.equal(await page.textContent('#start'), 'Start publishing');
      if (status === 403) await shot(page, 'publish-refused-phone');
      await page.evaluate(() => document.activeElement.blur());
    }
    await page.click('#start');
    await inState(page, 'live');
    assert.deepEqual(page.problems, []);
  });
});

test('a server that is full is asked again when it says', async () => {
  await withServer(async (server, open) => {
    server.refusals = [{ status: 503, headers: { 'Retry-After': '2' }, problem: { detail: 'Ten publishers are here.' } }];
    const page = await open('/live/me/publish?source=test');
    await page.click('#start');
    await inState(page, 'waiting');
    const refused = Date.now();
    assert.match(await page.textContent('#message'), /no more publishers.*Ten publishers are here/s);
    await inState(page, 'live');
    assert.ok(Date.now() - refused > 1500);
    assert.equal(server.posts.length, 2);
  });
});

test('without a server it tries again until there is one', async () => {
  await withServer(async (server, open) => {
    const page = await open('/live/me/publish?source=test');
    await inState(page, 'idle');
    await server.hide();
    await page.click('#start');
    await inState(page, 'unreachable');
    assert.match(await page.textContent('#message'), /No connection to the server/);
    await server.listen(server.port);
    await inState(page, 'live');
    await page.click('#start');
    await inState(page, 'idle');
  });
});

test('media that cannot get through is no matter of the server\'s words', async () => {
  await withServer(async (server, open) => {
    server.changed = (answer) => answer.replace(/^a=candidate.*\r\n/gm, '');
    const page = await open('/live/me/publish?source=test');
    await page.click('#start');
    await inState(page, 'unconnected');
    assert.match(await page.textContent('#message'), /firewall.*UDP/);
    server.changed = (answer) => answer;
    await inState(page, 'live');
    assert.equal(server.deletes.length, 1, 'what never connected is given back');
  });
});

test('a session that the server ended is published anew, also past what refuses it for a while', async () => {
  await withServer(async (server, open) => {
    const page = await open('/live/me/publish?source=test');
    await page.click('#start');
    await inState(page, 'live');
    await receives(server);
    server.refusals = [{ status: 404 }, { status: 409 }];
    await server.lose();
    await inState(page, 'waiting');
    await inState(page, 'live');
    assert.equal(server.posts.length, 4);
    await receives(server);
    assert.deepEqual(page.problems, []);
  });
});

test('a connection that falls silent gets a new way by an ICE restart, and stays the same session', async () => {
  await withServer(async (server, open) => {
    const page = await open('/live/me/publish?source=test');
    await page.fill('#token', 'secret');
    await page.click('#start');
    await inState(page, 'live');
    const { frames } = await receives(server);
    const ufrag = (sdp) => sdp.match(/a=ice-ufrag:(\S+)/)[1];
    await page.evaluate(() => pretend('disconnected'));
    await inState(page, 'restarting');
    await inState(page, 'live');
    const [patch] = server.patches;
    assert.deepEqual([patch.ifMatch, patch.type, patch.authorization], ['*', 'application/trickle-ice-sdpfrag', 'Bearer secret']);
    assert.notEqual(ufrag(patch.fragment), ufrag(server.posts[0].offer));
    const [before, now] = await page.evaluate(() => answers);
    assert.notEqual(ufrag(now), ufrag(before));
    await receives(server, frames + 60);
    assert.equal(await page.evaluate(() => connection.connectionState), 'connected');
    assert.deepEqual([server.posts.length, server.patches.length, server.deletes.length], [1, 1, 0]);
    assert.deepEqual(page.problems, []);
  });
});

test('a session that is gone by then is published anew', async () => {
  await withServer(async (server, open) => {
    server.restarts = false;
    const page = await open('/live/me/publish?source=test');
    await page.click('#start');
    await inState(page, 'live');
    await page.evaluate(() => pretend('failed'));
    await untilHere(() => server.posts.length === 2);
    await inState(page, 'live');
    assert.equal(server.patches.length, 1);
    await receives(server);
  });
});

test('ICE servers that the answer names are used', async () => {
  await withServer(async (server, open) => {
    server.headers = { Link: '<stun:127.0.0.1:9>; rel="ice-server", <turn:127.0.0.1:9?transport=udp>; rel="ice-server"; username="a, \\"b\\""; credential="c;d"; credential-type="password", </other>; rel=next' };
    const page = await open('/live/me/publish?source=test');
    await page.click('#start');
    await inState(page, 'live');
    const used = await page.evaluate(() => connection.getConfiguration().iceServers.map(({ urls, username, credential }) => [[urls].flat()[0], username, credential]));
    assert.deepEqual(used, [['stun:127.0.0.1:9', '', ''], ['turn:127.0.0.1:9?transport=udp', 'a, "b"', 'c;d']]);
    await receives(server);
  });
});

test('the page fits a phone, and its controls have names', async () => {
  await withServer(async (server, open) => {
    const page = await open('/live/me/publish?source=camera', { viewport: PHONE });
    await inState(page, 'idle');
    await shot(page, 'publish-phone-idle');
    await page.click('#start');
    await inState(page, 'live');
    await page.click('summary');
    await until(page, () => document.querySelector('[data-figure="bitrate"]').dataset.value !== '');
    await shot(page, 'publish-phone');
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
    const nameless = await page.evaluate(() => [...document.querySelectorAll('input, select, button')]
      .filter((each) => !(each.labels?.length || each.ariaLabel || each.textContent.trim())).map(({ name, id }) => name || id));
    assert.deepEqual(nameless, []);
    await page.click('#start');
    await inState(page, 'idle');
    await page.focus('[name=source]:checked');
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.inputValue('[name=source]:checked'), 'screen');
  });
});

for (const [devices, words] of [['denied', /may not be used.*address bar/s], [undefined, /No camera was found.*Connect one/s]]) {
  test(`without a camera it says what to do (${devices ?? 'none'})`, async () => {
    const other = await launchChromium({ devices });
    try {
      await withServer(async (server, open) => {
        const page = await open('/live/me/publish');
        await page.click('#start');
        await inState(page, 'blocked');
        assert.match(await page.textContent('#message'), words);
        assert.equal(server.posts.length, 0);
        await shot(page, `publish-${devices ?? 'none'}`);
        await page.check('[value=test]');
        await inState(page, 'idle');
        assert.deepEqual(page.problems, []);
      }, { by: other });
    } finally {
      await other.close();
    }
  });
}

test('without https it says what to do, and publishes the test picture', async () => {
  const other = await launchChromium({ name: 'live.example' });
  try {
    await withServer(async (server, open) => {
      const page = await open('/live/me/publish');
      await inState(page, 'blocked');
      assert.match(await page.textContent('#message'), /https or from localhost/);
      await shot(page, 'publish-insecure');
      await page.check('[value=test]');
      await page.click('#start');
      await inState(page, 'live');
      await receives(server);
      assert.deepEqual(page.problems, []);
    }, { by: other, host: 'live.example' });
  } finally {
    await other.close();
  }
});

test('the index leads to the page', async () => {
  await withServer(async (server, open) => {
    const page = await open('/');
    await until(page, () => !document.querySelector('#publish').hidden);
    await page.fill('#to', '/live//cam 1/');
    await shot(page, 'index-publish');
    await page.click('#publish button');
    await until(page, () => document.querySelector('#path')?.textContent === 'live/cam 1');
    assert.equal(new URL(page.url()).pathname, '/live/cam%201/publish');
  });
});
