// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps a <video> showing the live stream of this page's path: waits for it, plays it at the rate loop's pace, and
// starts again after whatever happens. Says what is going on by 'state' events; knows nothing of the page around it.
//
// States: looking, waiting (not live), loading, playing, stalled, ended, unreachable, unplayable.
import Hls from './hls.min.mjs';
import { markBufferedParts } from './hls-parts.js';
import { decide, initial } from './llhls-sync.js';

const RETRY = 1500;        // ms between looks for a stream that is not there
const KEEP_LOOKING = 5000; // ms between looks while playing: outputs come and go, and the clock is read
const TICK = 50;           // ms between decisions of the rate loop
const STALL_SHOWN = 700;   // ms before a stall is worth a word
const MAX_RECOVERIES = 3;  // media errors in a row before starting afresh

// maxLiveSyncPlaybackRate 1 keeps hls.js's own rate control out of the way of ours. The buffer may grow to the live
// edge from wherever playback is: ended sooner, it would look to the rate loop like late delivery.
const HLS_CONFIG = {
  lowLatencyMode: true,
  maxLiveSyncPlaybackRate: 1,
  liveSyncOnStallIncrease: 0.1,
  backBufferLength: 10,
  maxBufferLength: 30,
  testBandwidth: false,
  capLevelToPlayerSize: true,
  abrEwmaDefaultEstimate: 5e6,
};

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function bufferedEnd(video) {
  const { buffered, currentTime } = video;
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime + 0.1 && currentTime <= buffered.end(i)) return buffered.end(i);
  }
  return null;
}

export class Playback extends EventTarget {
  state = 'looking';
  detail = '';
  outputs = [];
  hls = null;
  stalls = 0;
  received = [];    // { at, bytes } of what was loaded
  syncError = null; // s behind where the rate loop wants to be

  constructor(video, server) {
    super();
    this.video = video;
    this.server = server;
  }

  // How the stream is played: 'hls.js', 'native', or null when neither can.
  static get means() {
    if (Hls?.isSupported()) return 'hls.js';
    return document.createElement('video').canPlayType('application/vnd.apple.mpegurl') ? 'native' : null;
  }

  async run() {
    if (!Playback.means) return this.#enter('unplayable', 'This browser has neither Media Source Extensions nor HLS.');
    for (;;) {
      const playlist = await this.#findPlaylist();
      if (playlist) {
        const keepLooking = setInterval(() => this.#lookWhilePlaying(), KEEP_LOOKING);
        const [state, detail] = await this.#play(playlist);
        clearInterval(keepLooking);
        this.#enter(state, detail);
      }
      await pause(RETRY);
    }
  }

  // When the picture at `mediaTime` was captured, in ms since 1970, or null when the stream does not say.
  captureTime(mediaTime) {
    const date = this.hls ? this.hls.playingDate : this.video.getStartDate?.();
    const from = this.hls ? this.video.currentTime : 0;
    return date && !Number.isNaN(date.getTime()) ? date.getTime() + (mediaTime - from) * 1000 : null;
  }

  toLive() {
    const end = bufferedEnd(this.video);
    const live = this.hls?.liveSyncPosition ?? (end === null ? null : end - 0.3);
    if (live !== null) this.video.currentTime = live;
  }

  #finish = () => {};  // ends what is being played

  #enter(state, detail = '') {
    if (state === this.state && detail === this.detail) return;
    this.state = state;
    this.detail = detail;
    this.dispatchEvent(new Event('state'));
  }

  async #look() {
    const outputs = await this.server.outputs();
    if (JSON.stringify(outputs ?? []) !== JSON.stringify(this.outputs)) {
      this.outputs = outputs ?? [];
      this.dispatchEvent(new Event('outputs'));
    }
    return outputs;
  }

  // hls.js tries again for half a minute before it calls an error fatal. A server that was restarted is back by then.
  async #lookWhilePlaying() {
    const [state, detail] = await this.#look().then((outputs) => [outputs ? null : 'waiting', ''],
                                                    (error) => ['unreachable', error.message]);
    if (state && ['loading', 'stalled'].includes(this.state)) this.#finish(state, detail);
  }

  async #findPlaylist() {
    try {
      const outputs = await this.#look();
      const hls = outputs?.find(({ kind }) => kind === 'hls');
      if (hls) return hls.url;
      if (outputs?.length) this.#enter('unplayable', 'None of its outputs can be played in this page.');
      else if (this.state !== 'ended') this.#enter('waiting');
    } catch (error) {
      this.#enter('unreachable', error.message);
    }
    return null;
  }

  // Plays until it is over; resolves with the state that it ended in and why.
  #play(url) {
    if (this.state !== 'ended') this.#enter('loading');
    const { video } = this;
    const over = new AbortController();
    const on = (name, heard) => video.addEventListener(name, heard, { signal: over.signal });
    return new Promise((done) => {
      const finish = this.#finish = (state, detail) => {
        if (over.signal.aborted) return;
        over.abort();
        this.hls?.destroy();
        this.hls = null;
        if (Playback.means === 'native') video.removeAttribute('src');
        done([state, detail]);
      };
      this.#watchStalls(on, over.signal);
      on('ended', () => finish('ended'));
      if (Playback.means === 'native') {
        on('error', () => finish('waiting', video.error?.message));
        video.src = url;
      } else {
        this.#attachHls(url, finish);
        this.#runRateLoop(on, over.signal);
      }
      this.#startPlaying();
    });
  }

  #attachHls(url, finish) {
    const hls = this.hls = new Hls(HLS_CONFIG);
    let recoveries = 0, wasLive = false;
    hls.on(Hls.Events.LEVEL_LOADED, (_, { details }) => {
      wasLive ||= details.live;
      if (!wasLive) finish('ended');  // what has ended before we came is not live
    });
    hls.on(Hls.Events.LEVEL_UPDATED, (_, { details }) => markBufferedParts(details, 'video', this.video.buffered));
    hls.on(Hls.Events.AUDIO_TRACK_UPDATED, (_, { details }) => markBufferedParts(details, 'audio', this.video.buffered));
    hls.on(Hls.Events.FRAG_LOADED, (_, { frag, part }) => {
      this.received.push({ at: performance.now(), bytes: (part ?? frag).stats.loaded });
      if (this.received.length > 400) this.received.splice(0, 200);
    });
    hls.on(Hls.Events.LEVELS_UPDATED, () => this.dispatchEvent(new Event('levels')));
    hls.on(Hls.Events.MANIFEST_PARSED, () => this.dispatchEvent(new Event('levels')));
    hls.on(Hls.Events.FRAG_BUFFERED, () => (recoveries = 0));
    hls.on(Hls.Events.ERROR, (_, { fatal, type, details, response, error }) => {
      if (!fatal) return;
      if (type === Hls.ErrorTypes.MEDIA_ERROR && recoveries++ < MAX_RECOVERIES) return hls.recoverMediaError();
      if (details === Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR) {
        return finish('unplayable', 'This browser cannot decode the stream.');
      }
      const gone = type === Hls.ErrorTypes.NETWORK_ERROR && response?.code >= 400;
      finish(gone ? 'waiting' : 'unreachable', gone ? '' : error?.message ?? details);
    });
    hls.loadSource(url);
    hls.attachMedia(this.video);
  }

  // Muted playback is allowed everywhere; with sound only where the viewer is known to want it.
  async #startPlaying() {
    const { video } = this;
    try {
      await video.play();
    } catch (error) {
      if (error.name !== 'NotAllowedError' || video.muted) return;
      video.muted = true;
      video.play().catch(() => {});
    }
  }

  #watchStalls(on, ended) {
    let timer = null, started = false;
    const clear = () => { clearTimeout(timer); timer = null; };
    ended.addEventListener('abort', clear);
    on('playing', () => { clear(); started = true; this.#enter('playing'); });
    on('timeupdate', () => { if (this.state === 'stalled' && this.video.readyState > 2) { clear(); this.#enter('playing'); } });
    on('pause', clear);
    on('waiting', () => {
      if (!started || this.video.seeking || this.video.paused) return;
      this.stalls++;
      clear();
      timer = setTimeout(() => this.#enter('stalled'), STALL_SHOWN);
    });
  }

  #runRateLoop(on, ended) {
    const { video, hls } = this;
    let memory = initial(), starved = 0, begun = false;
    const restart = () => { memory = initial(); video.playbackRate = 1; this.syncError = null; };
    const tick = (isTimer) => {
      if (video.paused || video.seeking || document.hidden || !begun) return;
      if (isTimer) starved = video.readyState < 3 ? starved + 1 : 0;
      const verdict = decide(memory, {
        now: performance.now() / 1000, position: video.currentTime, end: bufferedEnd(video), live: hls.liveSyncPosition,
        stalled: starved > 1,
      });
      memory = verdict.memory;
      this.syncError = verdict.error;
      if (verdict.seek !== undefined) video.currentTime = verdict.seek;
      else if (video.playbackRate !== verdict.rate) video.playbackRate = verdict.rate;
    };
    const timer = setInterval(tick, TICK, true);
    ended.addEventListener('abort', () => clearInterval(timer));
    hls.on(Hls.Events.BUFFER_APPENDED, () => tick(false));  // a delivery, at its very moment
    on('playing', () => (begun = true));
    on('pause', restart);
    document.addEventListener('visibilitychange', restart, { signal: ended });
  }
}
