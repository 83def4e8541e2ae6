// SPDX-License-Identifier: LGPL-2.1-or-later
// The workaround for parts that hls.js forgets, on objects shaped as hls.js's.
import assert from 'node:assert/strict';
import test from 'node:test';
import { markBufferedParts } from '../../plugins/common/web/pages/hls-parts.js';

const ranges = (...pairs) => ({ length: pairs.length, start: (i) => pairs[i][0], end: (i) => pairs[i][1] });

function part(sn, start, end, loaded = false) {
  const elementaryStreams = loaded ? { video: { startPTS: start } } : {};
  return { start, end, fragment: { sn }, elementaryStreams, get loaded() { return Boolean(this.elementaryStreams.video); } };
}

function loadedAfter(partList, buffered) {
  markBufferedParts({ partList }, 'video', buffered);
  return partList.map(({ loaded }) => loaded);
}

test('a part that is buffered up to rounding, before a loaded one, is marked as loaded', () => {
  const parts = [part(1, 20, 20.2), part(1, 20.2, 20.4), part(1, 20.4, 20.6, true)];
  assert.deepEqual(loadedAfter(parts, ranges([14, 15], [20.001, 20.599999])), [true, true, true]);
});

test('a part that is missing wholly or partly stays to be loaded', () => {
  const parts = [part(1, 19.8, 20), part(1, 20.4, 20.6), part(1, 30, 30.2), part(1, 30.2, 30.4, true)];
  assert.deepEqual(loadedAfter(parts, ranges([19.9, 20.5], [30.2, 30.4])), [false, false, false, true]);
});

test('a segment of which nothing is loaded stays so, whatever of another rendition is buffered', () => {
  const parts = [part(1, 20, 20.2), part(1, 20.2, 20.4), part(2, 20.4, 20.6, true)];
  assert.deepEqual(loadedAfter(parts, ranges([0, 30])), [false, false, true]);
});

test('what hls.js knows of a loaded part is left alone', () => {
  const known = part(1, 20, 20.2, true);
  loadedAfter([known], ranges([20, 21]));
  assert.deepEqual(known.elementaryStreams.video, { startPTS: 20 });
});

test('a playlist without parts is fine', () => {
  markBufferedParts({ partList: null }, 'video', ranges());
});
