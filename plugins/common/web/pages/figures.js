// SPDX-License-Identifier: LGPL-2.1-or-later
// What the viewer gets, measured and put into words: read by the page a few times a second. Changes nothing.

const DELAY_WINDOW = 1000;    // ms of pictures the delay is the median of
const RATE_WINDOW = 1000;     // ms the pictures are counted in
const BITRATE_WINDOW = 5000;  // ms

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const seconds = (s) => (Math.abs(s) < 10 ? `${s.toFixed(2)} s` : `${Math.round(s)} s`);
const milliseconds = (s) => `${Math.round(s * 1000)} ms`;
const counted = (one, many) => (count) => (count === 1 ? `1 ${one}` : `${count} ${many}`);

// figure → how it reads. What its player does not know is a dash.
const WORDS = {
  delay: (s) => (Math.abs(s) < 0.1 ? milliseconds(s) : seconds(s)),
  delayMeans: String,
  resolution: String,
  rung: (name) => (name ? `${name}, ` : ''),
  frameRate: (rate) => `${Math.round(rate)} pictures a second`,
  bitrate: (rate) => `${(rate / 1e6).toFixed(rate < 1e6 ? 2 : 1)} Mbit/s`,
  dropped: counted('picture dropped', 'pictures dropped'),
  playlistDelay: seconds,
  buffer: seconds,
  rate: (rate) => (rate === 1 ? 'at normal speed' : `at ${rate.toFixed(2)} × speed`),
  stalls: String,
  jitterBuffer: milliseconds,
  decoding: (s) => `${milliseconds(s)} to decode`,
  freezes: String,
  lost: counted('packet lost', 'packets lost'),
  roundTrip: milliseconds,
};

export class Figures {
  #frames = [];  // { at, delay, player }: the pictures of the last second
  #shown = null; // { at, count } a second ago, for the frame rate
  #rate = null;

  constructor(video, playback) {
    this.video = video;
    this.playback = playback;
    if ('requestVideoFrameCallback' in video) this.#watch();
  }

  #watch() {
    this.video.requestVideoFrameCallback((now, frame) => {
      const { player } = this.playback;
      const delay = player?.delayOf(frame) ?? null;
      this.#frames = this.#frames.filter(({ at }) => now - at < DELAY_WINDOW);
      this.#frames.push({ at: now, delay, player });
      this.#countFrames(now, frame.presentedFrames);
      this.#watch();
    });
  }

  #countFrames(now, count) {
    if (this.#shown === null || count < this.#shown.count || now - this.#shown.at > 2 * RATE_WINDOW) {  // after a pause, too
      this.#shown = { at: now, count };
      this.#rate = null;
    }
    if (now - this.#shown.at < RATE_WINDOW) return;
    this.#rate = (count - this.#shown.count) * 1000 / (now - this.#shown.at);
    this.#shown = { at: now, count };
  }

  // Every figure as { value, text }; value null where it is not known.
  read() {
    const { video, playback: { player } } = this;
    const now = performance.now();
    const delays = this.#frames.filter((frame) => frame.delay !== null && frame.player === player && now - frame.at < DELAY_WINDOW)
      .map(({ delay }) => delay);
    const values = {
      delay: delays.length ? median(delays) / 1000 : null,
      resolution: video.videoWidth ? `${video.videoWidth} × ${video.videoHeight}` : null,
      rung: (player?.rungs ?? []).length > 1 ? player.rung ?? '' : '',
      frameRate: this.#frames.length ? this.#rate : null,
      bitrate: this.#bitrate(now),
      dropped: video.getVideoPlaybackQuality?.().droppedVideoFrames ?? null,
      ...player?.figures(),
    };
    return Object.fromEntries(Object.entries(WORDS).map(([name, write]) => {
      const value = values[name] ?? null;
      return [name, { value, text: value === null ? '–' : write(value) }];
    }));
  }

  #bitrate(now) {
    const recent = (this.playback.player?.received ?? []).filter(({ at }) => now - at < BITRATE_WINDOW);
    if (recent.length < 2) return null;
    const span = Math.min(BITRATE_WINDOW, now - recent[0].at);
    return recent.reduce((sum, { bytes }) => sum + bytes, 0) * 8000 / Math.max(span, 1000);
  }
}
