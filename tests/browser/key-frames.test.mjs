// SPDX-License-Identifier: LGPL-2.1-or-later
// Where hls.js may change rendition, on objects shaped as hls.js's.
import assert from 'node:assert/strict';
import test from 'node:test';
import { changingAtKeyFrames, keyFrameAt } from '../../plugins/common/web/pages/key-frames.js';

// Parts of 200 ms from 20 s on, five to a key frame, ten to a segment.
const partList = Array.from({ length: 18 }, (_, i) => ({ start: 20 + i / 5, independent: i % 5 === 0 }));
const details = { partList, fragments: [{ start: 18, end: 20 }, { start: 20, end: 22 }] };

test('a key frame that is listed is known', () => {
  assert.equal(keyFrameAt(21, details), true);
  assert.equal(keyFrameAt(22.999, details), true);
  assert.equal(keyFrameAt(21.4, details), false);
});

test('a key frame that is to come is foreseen', () => {
  assert.equal(keyFrameAt(24, details), true);
  assert.equal(keyFrameAt(25.001, details), true);
  assert.equal(keyFrameAt(23.8, details), false);
});

test('segments begin with one, also where no part says so', () => {
  const silent = { ...details, partList: partList.map((part) => ({ ...part, independent: false })) };
  assert.equal(keyFrameAt(22, silent), true);
  assert.equal(keyFrameAt(21, silent), false);
});

test('whole segments can follow each other at any time', () => {
  assert.equal(keyFrameAt(21.3, { fragments: details.fragments, partList: null }), true);
});

class Abr {
  wanted = 0;
  constructor(hls) { this.hls = hls; }
  get nextAutoLevel() { return this.wanted; }
  set nextAutoLevel(level) { this.wanted = level; }
}

function controller({ end, pinned = -1 }) {
  const hls = { loadLevel: 0, levels: [{ details }, { details }, { details }], mainForwardBufferInfo: { end, len: 0.4 } };
  const wish = { pinned };
  return { hls, wish, abr: new (changingAtKeyFrames(Abr, () => wish.pinned))(hls) };
}

test('a change waits for the next key frame', () => {
  const { hls, abr } = controller({ end: 21.4 });
  abr.wanted = 1;
  assert.equal(abr.nextAutoLevel, 0);
  hls.mainForwardBufferInfo.end = 22;
  assert.equal(abr.nextAutoLevel, 1);
});

test('with nothing buffered there is nothing to wait for', () => {
  const { hls, abr } = controller({ end: 21.4 });
  abr.wanted = 1;
  hls.mainForwardBufferInfo = { end: 21.4, len: 0 };
  assert.equal(abr.nextAutoLevel, 1);
});

test('the viewer\'s choice goes over the network\'s until it is released', () => {
  const { abr, wish } = controller({ end: 22, pinned: 2 });
  abr.wanted = 1;
  assert.equal(abr.nextAutoLevel, 2);
  wish.pinned = -1;
  assert.equal(abr.nextAutoLevel, 1);
});

test('a level that fails is left at once, whatever the viewer chose', () => {
  const { abr } = controller({ end: 21.4, pinned: 0 });
  abr.nextAutoLevel = 1;
  assert.equal(abr.nextAutoLevel, 1);
});
