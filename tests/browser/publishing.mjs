// SPDX-License-Identifier: LGPL-2.1-or-later
// A publisher in Chromium: the real publish page, for tests and benches of what becomes of a stream. Watches nothing.
import { until } from './measure.mjs';

export const inState = (page, state, seconds = 30) => until(page, `document.documentElement.dataset.state === '${state}'`, seconds);

// Runs inside the page, before its own scripts: its connection can be asked, and its test picture made hard to encode.
function prepare(noise) {
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) { super(...args); window.connection = this; }
  };
  // A busy machine would send a smaller picture.
  const { setParameters } = RTCRtpSender.prototype;
  RTCRtpSender.prototype.setParameters = function (parameters) {
    return setParameters.call(this, { ...parameters, degradationPreference: 'maintain-resolution' });
  };
  if (!noise) return;
  const { captureStream } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.captureStream = function (...args) {
    const context = this.getContext('2d');
    const speckle = new OffscreenCanvas(this.width * 2, this.height / 2);
    const image = new ImageData(speckle.width, speckle.height);
    for (let i = 0; i < image.data.length; i++) image.data[i] = i % 4 === 3 ? 255 : Math.random() * 256;
    speckle.getContext('2d').putImageData(image, 0, 0);
    const some = (most) => Math.floor(Math.random() * most);
    setInterval(() => {
      context.drawImage(speckle, some(this.width), some(this.height / 4), this.width, this.height / 4, 0, this.height / 3, this.width, this.height / 4);
    }, 30);
    return captureStream.apply(this, args);
  };
}

// Opens the page of a stream (see stream.mjs) in a new context, the caller's to close, and chooses what to publish.
// source: test or camera; codec and bitrate (Mbit/s) as the page's form has them. Nothing is published before begin().
export async function openPublisher(browser, { url }, { source = 'test', height = 720, codec = '', bitrate, simulcast = false, noise = false, token } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error)));
  await page.addInitScript(prepare, noise);
  await page.goto(`${url}publish?source=${source}`);
  await inState(page, 'idle');
  await page.selectOption('[name=height]', String(height));
  if (bitrate) await page.fill('#bitrate', String(bitrate));
  await page.click('summary');
  await page.selectOption('[name=codec]', codec);
  if (simulcast) await page.check('[name=simulcast]');
  if (token) await page.fill('#token', token);
  return page;
}

export async function begin(page, seconds) {
  await page.click('#start');
  await inState(page, 'live', seconds);
}

export async function publish(browser, stream, options) {
  const page = await openPublisher(browser, stream, options);
  await begin(page);
  return page;
}

// Statistics of the best layer that is sent (W3C webrtc-stats, outbound-rtp), and what the network is thought to take.
export const sent = (page) => page.evaluate(async () => {
  const all = [...(await window.connection.getStats()).values()];
  const [best] = all.filter(({ type, kind }) => type === 'outbound-rtp' && kind === 'video').sort((a, b) => (b.frameWidth ?? 0) - (a.frameWidth ?? 0));
  const pair = all.find(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded');
  return { ...best, room: pair?.availableOutgoingBitrate };
});
