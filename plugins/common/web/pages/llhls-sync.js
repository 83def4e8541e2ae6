// SPDX-License-Identifier: LGPL-2.1-or-later
// The rate loop: how fast to play so that live video is as late as its delivery makes it, and no later.
// Pure: time and positions go in, a rate or a seek comes out. Knows no DOM, no player and no clock.
//
// It is a jitter buffer. Media at position `end` exists in the buffer only from some moment on; `now - end`, just
// before more is appended, says how late delivery is. The latest delivery of the last seconds, plus a margin for the
// decoder, is how far playback has to stay behind `now`. Everything is relative to one timeline, so that neither the
// absolute latency nor a synchronized clock matters. hls.js's own loop stops acting below 1 s of buffer; this one
// does not look at the size of the buffer but at how empty it gets.

export const TUNING = {
  margin: 0.12,          // s kept in reserve over the latest delivery seen: decoder, display, timer resolution
  window: { shortest: 2, longest: 10 },  // s a late delivery is remembered: half as long as deliveries are watched
  relax: 0.02,           // s per second by which the reserve is given back once deliveries improve …
  snap: 0.4,             // … or at once where it is this much too large
  learn: 1,              // s after a start or a stall during which deliveries come in bursts and teach nothing
  ready: 1,              // s of deliveries seen before the first correction
  stallCost: 0.1,        // s more reserve for each stall …
  stallCostMax: 1,       // … up to here …
  stallForget: 1 / 300,  // … given back by this much per second
  deadBand: 0.05,        // s of error left alone once it was corrected
  closeEnough: 0.015,    // s of error at which a correction ends
  gain: 0.5,             // rate per second of error
  fastest: 1.1,          // what a listener does not mind
  slowest: 0.94,
  hurry: { error: 0.4, fastest: 1.25 },      // so far behind that being heard is the smaller evil
  startSeek: 0.25,       // s of error that the first correction jumps over instead of running after it
  farBehind: 0.8,        // s of error that is jumped over at any time
  lost: 4,               // s behind the playlist's live position at which what is buffered no longer matters
  seekPause: 3,          // s between two jumps
};

export function initial() {
  return { end: null, since: null, peaks: [], reserve: null, stallCost: 0, stalled: false, correcting: false,
           settled: false, lastSeek: -Infinity, last: null };
}

// memory: what the previous call returned, or initial().
// sample: { now, position, end, live, stalled }; seconds; `end` is where the buffered range around `position` ends,
// `live` where the playlist says to play, null where it does not.
// Returns { memory, rate } or { memory, seek }, and `error`: s behind (+) or ahead (-) of where playback should be.
export function decide(memory, sample, tuning = TUNING) {
  const m = { ...memory, peaks: memory.peaks.slice() };
  const elapsed = m.last === null ? 0 : Math.max(0, sample.now - m.last);
  m.last = sample.now;
  m.stallCost = Math.max(0, m.stallCost - elapsed * tuning.stallForget);

  // Loading has lost the live edge, after a sleep or an outage: no buffer tells how far away that is.
  if (sample.live - sample.position > tuning.lost && sample.now - m.lastSeek > tuning.seekPause) {
    return { memory: { ...initial(), stallCost: m.stallCost, lastSeek: sample.now }, seek: sample.live, error: 0 };
  }
  if (sample.stalled || sample.end === null) return restart(m, sample, tuning);
  m.stalled = false;
  observe(m, sample, elapsed, tuning);
  if (m.reserve === null) return { memory: m, rate: 1, error: 0 };

  const behind = sample.now - sample.position;
  const error = behind - (m.reserve + tuning.margin + m.stallCost);
  return correct(m, sample, error, tuning);
}

// A stall teaches one thing, to keep more in reserve, and makes what was known of deliveries worthless.
function restart(m, sample, tuning) {
  if (!m.stalled && m.reserve !== null) m.stallCost = Math.min(tuning.stallCostMax, m.stallCost + tuning.stallCost);
  Object.assign(m, { stalled: true, end: null, since: null, peaks: [], reserve: null, correcting: false });
  return { memory: m, rate: 1, error: 0 };
}

// Updates the reserve: how far behind `now` the buffer's end was when it was furthest behind.
function observe(m, { now, end }, elapsed, tuning) {
  if (m.since === null) m.since = now;
  const lateness = now - (m.end ?? end);  // the end before this call: what playback had to live on until now
  m.end = end;
  const age = now - m.since;
  if (age < tuning.learn) return;

  const second = Math.floor(now);
  const newest = m.peaks[m.peaks.length - 1];
  if (newest && newest.second === second) m.peaks[m.peaks.length - 1] = { second, lateness: Math.max(newest.lateness, lateness) };
  else m.peaks.push({ second, lateness });
  const remembered = Math.min(tuning.window.longest, Math.max(tuning.window.shortest, age / 2));
  m.peaks = m.peaks.filter((peak) => second - peak.second < remembered);
  if (age < tuning.learn + tuning.ready) return;

  const latest = Math.max(...m.peaks.map((peak) => peak.lateness));
  if (m.reserve === null || latest > m.reserve || m.reserve - latest > tuning.snap) m.reserve = latest;
  else m.reserve = Math.max(latest, m.reserve - elapsed * tuning.relax);
}

function correct(m, sample, error, tuning) {
  const jump = m.settled ? tuning.farBehind : tuning.startSeek;
  if (error > jump && sample.now - m.lastSeek > tuning.seekPause) {
    m.lastSeek = sample.now;
    m.settled = true;
    m.correcting = false;
    return { memory: m, seek: sample.position + error, error };
  }
  m.settled = true;
  m.correcting = Math.abs(error) > (m.correcting ? tuning.closeEnough : tuning.deadBand);
  if (!m.correcting) return { memory: m, rate: 1, error };
  const fastest = error > tuning.hurry.error ? tuning.hurry.fastest : tuning.fastest;
  const rate = Math.min(fastest, Math.max(tuning.slowest, 1 + error * tuning.gain));
  return { memory: m, rate: Math.round(rate * 100) / 100, error };
}
