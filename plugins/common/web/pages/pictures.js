// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures for the cards: now and then one frame of the stream, for the cards that are in view, one stream at a time,
// so that a page of a hundred streams costs what a page of one does.
import Hls from './hls.min.mjs';

const FRESH = 30000;     // ms a picture is good for
const PATIENCE = 8000;   // ms for a stream to show a frame
const WIDTH = 480;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function firstFrame(video, failed) {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error('no frame in time')), PATIENCE);
    failed((error) => { clearTimeout(timer); fail(error); });
    video.addEventListener('loadeddata', () => { clearTimeout(timer); done(); }, { once: true });
  });
}

async function draw(url, canvas) {
  const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
  const hls = new Hls({ startLevel: 0, maxBufferLength: 1, lowLatencyMode: false });
  try {
    const shown = firstFrame(video, (fail) => hls.on(Hls.Events.ERROR, (_, data) => data.fatal && fail(data.error)));
    hls.loadSource(url);
    hls.attachMedia(video);
    await shown;
    canvas.width = WIDTH;
    canvas.height = Math.round(WIDTH * video.videoHeight / video.videoWidth);
    canvas.getContext('2d').drawImage(video, 0, 0, canvas.width, canvas.height);
  } finally {
    hls.destroy();
  }
}

function inView(card) {
  const box = card.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight;
}

export async function keepPictures(list) {
  if (!Hls?.isSupported()) return;
  const drawn = new WeakMap();  // card → when it was last tried
  for (;;) {
    const due = (card) => card.dataset.playlist && inView(card) && performance.now() - (drawn.get(card) ?? -Infinity) > FRESH;
    const card = document.hidden ? undefined : [...list.children].find(due);
    if (!card) { await pause(1000); continue; }
    drawn.set(card, performance.now());
    const canvas = card.querySelector('canvas') ?? document.createElement('canvas');
    try {
      await draw(card.dataset.playlist, canvas);
      card.querySelector('.picture').prepend(canvas);
    } catch {
      // A stream without video, or one that ended meanwhile: its card stays without a picture.
    }
  }
}
