// SPDX-License-Identifier: LGPL-2.1-or-later
// What the viewer gets, measured: read by the page a few times a second. Changes nothing.

const DELAY_WINDOW = 1000;    // ms of pictures the delay is the median of
const BITRATE_WINDOW = 5000;  // ms

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

export class Figures {
  #frames = [];  // { at, delay }: the pictures of the last second
  #shown = null; // { at, count } a second ago, for the frame rate
  #rate = null;

  constructor(video, playback, server) {
    this.video = video;
    this.playback = playback;
    this.server = server;
    if ('requestVideoFrameCallback' in video) this.#watch();
  }

  #watch() {
    this.video.requestVideoFrameCallback((now, { mediaTime, expectedDisplayTime, presentedFrames }) => {
      const captured = this.playback.captureTime(mediaTime);
      const delay = captured === null ? null : this.server.timeAt(expectedDisplayTime) - captured;
      this.#frames = this.#frames.filter(({ at }) => now - at < DELAY_WINDOW);
      this.#frames.push({ at: now, delay });
      this.#countFrames(now, presentedFrames);
      this.#watch();
    });
  }

  #countFrames(now, count) {
    if (this.#shown === null || count < this.#shown.count) this.#shown = { at: now, count };
    if (now - this.#shown.at < 1000) return;
    this.#rate = (count - this.#shown.count) * 1000 / (now - this.#shown.at);
    this.#shown = { at: now, count };
  }

  // Every figure as { value, text }; value null where it is not known.
  read() {
    const { video, playback } = this;
    const { hls } = playback;
    const now = performance.now();
    const delays = this.#frames.filter(({ at, delay }) => delay !== null && now - at < DELAY_WINDOW).map(({ delay }) => delay);
    const dropped = video.getVideoPlaybackQuality?.().droppedVideoFrames ?? null;
    return {
      delay: seconds(delays.length ? median(delays) / 1000 : null),
      playlistDelay: seconds(hls?.latency || null),
      resolution: figure(video.videoWidth || null, () => `${video.videoWidth} × ${video.videoHeight}`),
      frameRate: figure(this.#frames.length ? this.#rate : null, (rate) => `${Math.round(rate)} pictures a second`),
      bitrate: figure(this.#bitrate(now), (rate) => `${(rate / 1e6).toFixed(rate < 1e6 ? 2 : 1)} Mbit/s`),
      buffer: seconds(this.#ahead()),
      rate: figure(video.playbackRate, (rate) => (rate === 1 ? 'at normal speed' : `at ${rate.toFixed(2)} × speed`)),
      stalls: figure(playback.stalls, String),
      dropped: figure(dropped, (count) => (count === 1 ? '1 picture dropped' : `${count} pictures dropped`)),
    };
  }

  #bitrate(now) {
    const recent = this.playback.received.filter(({ at }) => now - at < BITRATE_WINDOW);
    if (recent.length < 2) return null;
    const span = Math.min(BITRATE_WINDOW, now - recent[0].at);
    return recent.reduce((sum, { bytes }) => sum + bytes, 0) * 8000 / Math.max(span, 1000);
  }

  #ahead() {
    const { buffered, currentTime } = this.video;
    return buffered.length ? Math.max(0, buffered.end(buffered.length - 1) - currentTime) : null;
  }
}

function figure(value, write) {
  return { value, text: value === null ? '–' : write(value) };
}

function seconds(value) {
  return figure(value, (s) => (Math.abs(s) < 10 ? `${s.toFixed(2)} s` : `${Math.round(s)} s`));
}
