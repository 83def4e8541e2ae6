// SPDX-License-Identifier: LGPL-2.1-or-later
// The rate loop against a simulated network and player: no browser, no clock, a minute of video in milliseconds.
import assert from 'node:assert/strict';
import test from 'node:test';
import { TUNING, decide, initial } from '../../plugins/common/web/pages/llhls-sync.js';

const TICK = 0.05;

// Plays parts of `part` seconds for `seconds`; delay(n) is how long part n needs from its last frame to the buffer,
// and parts arrive in order. Returns one row a tick: { now, behind, buffered, rate, seek, stalled }.
function play({ part, delay, seconds = 60, start = 1.2 }) {
  const rows = [];
  let memory = initial(), position = null, rate = 1, end = 0, next = 0, arrival = 0;
  for (let now = 5; now < 5 + seconds; now += TICK) {
    for (;; next++) {
      arrival = Math.max(arrival, (next + 1) * part + delay(next, (next + 1) * part));
      if (arrival > now) break;
      end = (next + 1) * part;
    }
    if (position === null) position = now - start;
    position = Math.min(end, position + (rows.length ? TICK * rate : 0));
    const stalled = end - position < 1e-6;
    const verdict = decide(memory, { now, position, end, stalled });
    memory = verdict.memory;
    if (verdict.seek !== undefined) position = Math.min(end, verdict.seek);
    else rate = verdict.rate;
    rows.push({ now: now - 5, behind: now - position, buffered: end - position, rate, seek: verdict.seek, stalled });
  }
  return rows;
}

const steady = (rows, from = 5) => rows.filter((row) => row.now >= from);
const quantile = (values, q) => values.slice().sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))];
const pseudorandom = (seed) => () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;

for (const { part, limit } of [{ part: 0.2, limit: 0.45 }, { part: 0.1, limit: 0.35 }]) {
  test(`parts of ${part} s on a good link are played at most ${limit} s late, steadily`, () => {
    const rows = steady(play({ part, delay: () => 0.03 }));
    const behind = rows.map((row) => row.behind);
    assert.ok(quantile(behind, 0.5) <= limit, `median ${quantile(behind, 0.5)}`);
    assert.ok(quantile(behind, 0.95) - quantile(behind, 0.5) < 0.1);
    assert.equal(rows.filter((row) => row.stalled).length, 0);
  });
}

test('at the start one jump replaces a long chase', () => {
  const seeks = play({ part: 0.2, delay: () => 0.03, start: 1.5 }).filter((row) => row.seek !== undefined);
  assert.equal(seeks.length, 1);
  assert.ok(seeks[0].now < 3);
});

test('a slow start is forgotten within seconds', () => {
  const rows = play({ part: 0.2, delay: (n, at) => (at < 6 ? Math.max(0.03, (6 - at) * 0.9) : 0.03), start: 2.5 });
  assert.ok(rows.filter((row) => row.now > 6).every((row) => row.behind < 0.6));
});

test('a jump never lands beyond what is buffered', () => {
  for (const row of play({ part: 0.2, delay: () => 0.03, start: 4 })) {
    if (row.seek !== undefined) assert.ok(row.buffered > 0);
  }
});

test('a jittery link costs latency, not stalls', () => {
  const random = pseudorandom(7);
  const rows = steady(play({ part: 0.1, delay: () => 0.03 + 0.15 * random() ** 3, seconds: 120 }), 20);
  assert.equal(rows.filter((row) => row.stalled).length, 0);
  assert.ok(quantile(rows.map((row) => row.behind), 0.5) < 0.6);
});

test('a stall adds a tenth of a second of reserve, which is given back in time', () => {
  const outage = (n, at) => (at > 20 && at < 20.9 ? 21.2 - at : 0.03);
  const rows = play({ part: 0.2, delay: outage, seconds: 120 });
  const at = (now) => rows.find((row) => row.now >= now).behind;
  assert.ok(rows.some((row) => row.stalled));
  assert.ok(at(24) - at(14) > 0.06, `${at(14)} -> ${at(24)}`);
  assert.ok(at(110) - at(14) < 0.05, `${at(14)} -> ${at(110)}`);
});

test('far behind after an outage, playback jumps back to live', () => {
  const rows = play({ part: 0.2, delay: (n, at) => (at > 20 && at < 25 ? 25 - at : 0.03), seconds: 60 });
  assert.ok(rows.filter((row) => row.now > 35).every((row) => row.behind < 0.7));
});

test('far behind the playlist with nothing newer loaded, playback jumps to where the playlist says', () => {
  const sample = { now: 100, position: 50, end: 50.5, stalled: false };
  assert.equal(decide(initial(), { ...sample, live: 58 }).seek, 58);
  assert.equal(decide(initial(), { ...sample, live: 53 }).seek, undefined);
  assert.equal(decide(initial(), { ...sample, live: null }).seek, undefined);
  const { memory } = decide(initial(), { ...sample, live: 58 });
  assert.equal(decide(memory, { ...sample, now: 101, live: 59 }).seek, undefined, 'not again at once');
});

test('rates stay where a listener does not mind them once playback has settled', () => {
  const random = pseudorandom(3);
  for (const row of steady(play({ part: 0.2, delay: () => 0.03 + 0.08 * random() }))) {
    assert.ok(row.rate >= TUNING.slowest && row.rate <= TUNING.fastest, `rate ${row.rate}`);
  }
});

test('within the dead band the rate is exactly 1', () => {
  const rows = steady(play({ part: 0.2, delay: () => 0.03 }), 10);
  assert.ok(rows.filter((row) => row.rate !== 1).length < rows.length * 0.02);
});

test('the buffer getting emptier slows playback before it stalls', () => {
  const rows = play({ part: 0.2, delay: (n, at) => 0.03 + Math.max(0, Math.min(0.4, (at - 20) * 0.02)), seconds: 60 });
  assert.equal(steady(rows).filter((row) => row.stalled).length, 0);
  assert.ok(rows.some((row) => row.rate < 1));
});
