// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs inside a page, before its own scripts: reads clock_source's clock out of every picture that its <video> shows,
// and notes what playback does. Leaves the page and the player as they are. Result: window.pictureClock.report().
(() => {
  const COLUMNS = 16, ROWS = 3, BLOCKS_PER_WIDTH = 32, SYNC = 0xa5;
  const GAP = 250;          // ms without a new picture that count as a gap
  const TICK = 100;         // ms between samples of what is not tied to a picture
  const seen = { frames: [], unreadable: 0, rates: [], stalls: 0, ticks: [], sizes: new Set(), origin: null };

  function crc8(value) {
    let crc = 0xff;
    for (let shift = 24; shift >= 0; shift -= 8) {
      crc ^= (value >>> shift) & 0xff;
      for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : (crc << 1) & 0xff;
    }
    return crc;
  }

  // Copies the blocks' part of the luma plane only: reading costs a fraction of a millisecond.
  async function readClock(frame) {
    const { x, y, width } = frame.visibleRect;
    const block = width / BLOCKS_PER_WIDTH, even = (n) => Math.ceil(n) & ~1;
    const rect = { x, y, width: even(COLUMNS * block), height: even(ROWS * block) };
    const pixels = new Uint8Array(frame.allocationSize({ rect }));
    const [luma] = await frame.copyTo(pixels, { rect });
    const step = /^(I4|NV)/.test(frame.format) ? 1 : 4;
    const rows = [];
    for (let row = 0; row < ROWS; row++) {
      let bits = 0;
      for (let column = 0; column < COLUMNS; column++) {
        const at = (dx, dy) => pixels[luma.offset + Math.floor((row + dy) * block) * luma.stride + Math.floor((column + dx) * block) * step];
        const mean = (at(.5, .5) + at(.35, .35) + at(.65, .35) + at(.35, .65) + at(.65, .65)) / 5;
        bits = bits << 1 | (mean > 125);
      }
      rows.push(bits);
    }
    const time = (rows[0] << 16 | rows[1]) >>> 0;
    return (rows[2] & 0xff) === SYNC && rows[2] >>> 8 === crc8(time) ? time : null;
  }

  const signedAge = (now, time) => ((now % 2 ** 32) - time + 1.5 * 2 ** 32) % 2 ** 32 - 2 ** 31;

  async function onPicture(video) {
    const now = Date.now(), at = performance.now();
    seen.origin ??= at;
    seen.sizes.add(`${video.videoWidth}x${video.videoHeight}`);
    let frame = null, time = null;
    try {
      frame = new VideoFrame(video);
      time = await readClock(frame);
    } catch { /* counted below */ } finally { frame?.close(); }
    if (time === null) seen.unreadable++;
    else seen.frames.push({ at, delay: signedAge(now, time), time });
  }

  function watch(video) {
    const next = () => video.requestVideoFrameCallback(() => { onPicture(video); next(); });
    next();
    video.addEventListener('ratechange', () => seen.rates.push({ at: performance.now(), rate: video.playbackRate }));
    video.addEventListener('waiting', () => { if (seen.origin !== null && !video.seeking) seen.stalls++; });
    setInterval(() => {
      const value = (name) => Number(document.querySelector(`[data-figure="${name}"]`)?.dataset.value || NaN);
      seen.ticks.push({ at: performance.now(), shown: value('delay'), playlist: value('playlistDelay'), buffer: value('buffer'),
                        rate: video.playbackRate });
    }, TICK);
  }

  const looking = setInterval(() => {
    const video = document.querySelector('video');
    if (!video) return;
    clearInterval(looking);
    watch(video);
  }, 20);

  function spread(values) {
    const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
    const at = (q) => (sorted.length ? Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] * 1000) / 1000 : null);
    return { count: sorted.length, min: at(0), median: at(.5), p95: at(.95), max: at(1) };
  }

  // From the request for a WebRTC session to the first picture.
  function firstPicture() {
    const asked = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/whep')).map(({ startTime }) => startTime);
    return asked.length && seen.origin !== null ? Math.round(seen.origin - Math.min(...asked)) : null;
  }

  window.pictureClock = {
    seconds: () => (performance.now() - seen.origin) / 1000,  // since the first picture, as report() takes them
    started: () => seen.frames.length > 0,
    report(warmup) {
      const from = (seen.origin ?? 0) + warmup * 1000;
      const later = (rows) => rows.filter(({ at }) => at >= from);
      const frames = later(seen.frames), ticks = later(seen.ticks), video = document.querySelector('video');
      const gaps = frames.slice(1).map((frame, i) => ({ at: Math.round(frames[i].at - seen.origin), ms: Math.round(frame.at - frames[i].at) }))
        .filter(({ ms }) => ms > GAP);
      const open = frames.length ? performance.now() - frames[frames.length - 1].at : Infinity;
      if (open > GAP) gaps.push({ at: null, ms: Number.isFinite(open) ? Math.round(open) : null });
      const perSecond = [];
      for (const { at, delay } of seen.frames) (perSecond[Math.floor((at - seen.origin) / 1000)] ??= []).push(delay);
      return {
        first_picture_ms: firstPicture(),
        delay_ms: spread(frames.map(({ delay }) => delay)),
        delay_each_second_ms: [...perSecond].map((delays) => (delays ? spread(delays).median : null)),
        pauses_ms: spread(frames.slice(1).map((frame, i) => Math.round(frame.at - frames[i].at))),
        gaps_over_250ms: gaps,
        pictures: { read: frames.length, unreadable: seen.unreadable, backwards: frames.filter((f, i) => i && f.time < frames[i - 1].time).length, sizes: [...seen.sizes] },
        stalls: seen.stalls,
        rates: { changes: later(seen.rates).length, ...spread(ticks.map(({ rate }) => rate)) },
        page: { delay_s: spread(ticks.map(({ shown }) => shown)), playlist_delay_s: spread(ticks.map(({ playlist }) => playlist)),
                buffer_s: spread(ticks.map(({ buffer }) => buffer)) },
        dropped: video?.getVideoPlaybackQuality().droppedVideoFrames ?? null,
        audio_bytes: video?.webkitAudioDecodedByteCount ?? null,
      };
    },
  };
})();
