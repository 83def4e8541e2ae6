// SPDX-License-Identifier: LGPL-2.1-or-later
// Where hls.js may change rendition, on objects shaped as hls.js's.
import assert from 'node:assert/strict';
import test from 'node:test';
import { AbsentRungs, endsInGap } from '../../plugins/common/web/pages/absent-rungs.js';
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
  return { hls, wish, abr: new (changingAtKeyFrames(Abr, () => wish.pinned, () => wish.absent))(hls) };
}

// As AbsentRungs is told of levels whose newest part is a gap.
function absentRungs(...levels) {
  const heard = {}, over = new AbortController();
  const rungs = new AbsentRungs({ on: (event, hear) => { heard[event] = hear; }, levels: [] }, { LEVEL_UPDATED: 'updated' }, over.signal);
  over.abort();
  const tell = (level, gap) => heard.updated('updated', { level, details: { partList: [{ gap: !gap }, { gap }] } });
  for (const level of levels) tell(level, true);
  return { rungs, tell };
}

test('a playlist ends in a gap when its newest part is one', () => {
  const part = (more) => `#EXT-X-PART:DURATION=0.20000,URI="p7.m4s"${more}\n`;
  assert.equal(endsInGap(part('') + part(',GAP=YES') + '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="p9.m4s"\n'), true);
  assert.equal(endsInGap(part(',GAP=YES') + part(',INDEPENDENT=YES')), false);
  assert.equal(endsInGap('#EXTM3U\n'), false);
});

test('a level that has paused is left at once for the next one below, or above, and played again when it is back', () => {
  const { abr, wish } = controller({ end: 21.4, pinned: 0 });
  const { rungs, tell } = absentRungs(0);
  wish.absent = rungs;
  assert.equal(abr.nextAutoLevel, 1);
  tell(1, true);
  assert.equal(abr.nextAutoLevel, 2);
  assert.equal(rungs.insteadOf(1, 3), 2);
  tell(0, false);
  assert.equal(rungs.insteadOf(1, 3), 0);
  assert.equal(abr.nextAutoLevel, 0);
});

test('where all have paused, they are waited for', () => {
  const { rungs } = absentRungs(0, 1);
  assert.equal(rungs.insteadOf(1, 2), 1);
});

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
