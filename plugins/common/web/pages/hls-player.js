// SPDX-License-Identifier: LGPL-2.1-or-later
// Plays LL-HLS: hls.js at the rate loop's pace, or the browser's own HLS where there is no Media Source Extensions.
// One of playback.js's players.
import Hls from './hls.min.mjs';
import { AbsentRungs } from './absent-rungs.js';
import { markBufferedParts } from './hls-parts.js';
import { changingAtKeyFrames } from './key-frames.js';
import { decide, initial } from './llhls-sync.js';

const TICK = 50;           // ms between decisions of the rate loop
const STALL_SHOWN = 700;   // ms before a stall is worth a word
const SILENT_FOR = 6000;   // ms without a playlist or a part after which hls.js has given up
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

function bufferedEnd(video) {
  const { buffered, currentTime } = video;
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime + 0.1 && currentTime <= buffered.end(i)) return buffered.end(i);
  }
  return null;
}

// A rendition is called what its folder is, unless that is only a number.
function nameOf({ url: [url], height, bitrate }) {
  const folder = decodeURIComponent(new URL(url, location).pathname.split('/').at(-2) ?? '');
  if (folder && !/^video_\d+$/.test(folder)) return folder;
  return height ? `${height}p` : `${Math.round(bitrate / 1000)}k`;
}

export class HlsPlayer {
  static kind = 'hls';

  // 'hls.js', 'native', or null when this browser has neither.
  static get means() {
    if (Hls?.isSupported()) return 'hls.js';
    return document.createElement('video').canPlayType('application/vnd.apple.mpegurl') ? 'native' : null;
  }

  received = [];
  #hls = null;
  #stalls = 0;
  #pinned = null;  // a name: it is pinned again when the stream comes back

  constructor(video, server) {
    this.video = video;
    this.server = server;
  }

  get note() {
    return HlsPlayer.means === 'native' ? 'Played by the browser\'s own HLS: the delay is what the browser chooses.' : '';
  }

  get rungs() {
    return [...this.#levels].sort((a, b) => b.height - a.height || b.bitrate - a.bitrate)
      .map((level) => ({ name: nameOf(level), bitrate: level.averageBitrate || level.bitrate }));
  }
  get pinned() { return this.#levels.some((level) => nameOf(level) === this.#pinned) ? this.#pinned : null; }
  get rung() {
    const level = this.#levels[this.#hls?.currentLevel];
    return level ? nameOf(level) : null;
  }

  // What is buffered is played first: a change is not seen as one.
  pin(name) { this.#pinned = name; }

  get #levels() { return this.#hls?.levels ?? []; }
  get #pinnedLevel() { return this.#pinned === null ? -1 : this.#levels.findIndex((level) => nameOf(level) === this.#pinned); }

  start(url, session) {
    const { video } = this;
    this.#watchStalls(session);
    session.on('ended', () => session.finish({ state: 'ended' }));
    if (HlsPlayer.means === 'native') {
      session.on('error', () => session.finish({ state: 'waiting', detail: video.error?.message }));
      session.over.addEventListener('abort', () => video.removeAttribute('src'));
      video.src = url;
    } else {
      this.#attachHls(url, session);
      this.#watchSilence(session);
      this.#runRateLoop(session);
    }
    session.unpause();
  }

  // From program-date-time: the server's clock when the picture came in.
  delayOf({ mediaTime, expectedDisplayTime }) {
    const date = this.#hls ? this.#hls.playingDate : this.video.getStartDate?.();
    const from = this.#hls ? this.video.currentTime : 0;
    if (!date || Number.isNaN(date.getTime())) return null;
    return this.server.timeAt(expectedDisplayTime) - (date.getTime() + (mediaTime - from) * 1000);
  }

  figures() {
    const { buffered, currentTime, playbackRate } = this.video;
    return {
      delayMeans: 'capture to this screen',
      playlistDelay: this.#hls?.latency || null,
      buffer: buffered.length ? Math.max(0, buffered.end(buffered.length - 1) - currentTime) : null,
      rate: playbackRate,
      stalls: this.#stalls,
    };
  }

  toLive() {
    const end = bufferedEnd(this.video);
    const live = this.#hls?.liveSyncPosition ?? (end === null ? null : end - 0.3);
    if (live !== null) this.video.currentTime = live;
  }

  #attachHls(url, { over, finish }) {
    let absent = null;
    const abrController = changingAtKeyFrames(Hls.DefaultConfig.abrController, () => this.#pinnedLevel, () => absent);
    const hls = this.#hls = new Hls({ ...HLS_CONFIG, abrController });
    absent = new AbsentRungs(hls, Hls.Events, over);
    over.addEventListener('abort', () => { hls.destroy(); this.#hls = null; });
    let recoveries = 0, wasLive = false;
    hls.on(Hls.Events.LEVEL_LOADED, (_, { details }) => {
      wasLive ||= details.live;
      if (!wasLive) finish({ state: 'ended' });  // what has ended before we came is not live
    });
    hls.on(Hls.Events.LEVEL_UPDATED, (_, { details }) => markBufferedParts(details, 'video', this.video.buffered));
    hls.on(Hls.Events.AUDIO_TRACK_UPDATED, (_, { details }) => markBufferedParts(details, 'audio', this.video.buffered));
    hls.on(Hls.Events.FRAG_LOADED, (_, { frag, part }) => {
      this.received.push({ at: performance.now(), bytes: (part ?? frag).stats.loaded });
      if (this.received.length > 400) this.received.splice(0, 200);
    });
    hls.on(Hls.Events.FRAG_BUFFERED, () => (recoveries = 0));
    hls.on(Hls.Events.ERROR, (_, { fatal, type, details, response, error }) => {
      if (!fatal) return;
      if (type === Hls.ErrorTypes.MEDIA_ERROR && recoveries++ < MAX_RECOVERIES) return hls.recoverMediaError();
      if (details === Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR) {
        return finish({ state: 'unplayable', detail: 'This browser cannot decode the stream.' });
      }
      const gone = type === Hls.ErrorTypes.NETWORK_ERROR && response?.code >= 400;
      finish(gone ? { state: 'waiting' } : { state: 'unreachable', detail: error?.message ?? details });
    });
    hls.loadSource(url);
    hls.attachMedia(this.video);
  }

  // Where one of several renditions fails, hls.js goes to another and says nothing; where all fail, as when the server is
  // started again, it says nothing either.
  #watchSilence({ over, finish }) {
    const hls = this.#hls, { LEVEL_LOADED, AUDIO_TRACK_LOADED, FRAG_LOADED } = Hls.Events;
    let heard = performance.now();
    for (const event of [LEVEL_LOADED, AUDIO_TRACK_LOADED, FRAG_LOADED]) hls.on(event, () => (heard = performance.now()));
    const timer = setInterval(() => {
      if (performance.now() - heard > SILENT_FOR) finish({ state: 'reconnecting', wait: 0 });
    }, SILENT_FOR / 6);
    over.addEventListener('abort', () => clearInterval(timer));
  }

  #watchStalls({ on, over, enter, state }) {
    let timer = null, started = false;
    const clear = () => { clearTimeout(timer); timer = null; };
    over.addEventListener('abort', clear);
    on('playing', () => { clear(); started = true; enter('playing'); });
    on('timeupdate', () => { if (state() === 'stalled' && this.video.readyState > 2) { clear(); enter('playing'); } });
    on('pause', clear);
    on('waiting', () => {
      if (!started || this.video.seeking || this.video.paused) return;
      this.#stalls++;
      clear();
      timer = setTimeout(() => enter('stalled'), STALL_SHOWN);
    });
  }

  #runRateLoop({ on, over }) {
    const { video } = this, hls = this.#hls;
    let memory = initial(), starved = 0, begun = false;
    const restart = () => { memory = initial(); video.playbackRate = 1; };
    const tick = (isTimer) => {
      if (video.paused || video.seeking || document.hidden || !begun) return;
      if (isTimer) starved = video.readyState < 3 ? starved + 1 : 0;
      const verdict = decide(memory, {
        now: performance.now() / 1000, position: video.currentTime, end: bufferedEnd(video), live: hls.liveSyncPosition,
        stalled: starved > 1,
      });
      memory = verdict.memory;
      if (verdict.seek !== undefined) video.currentTime = verdict.seek;
      else if (video.playbackRate !== verdict.rate) video.playbackRate = verdict.rate;
    };
    const timer = setInterval(tick, TICK, true);
    over.addEventListener('abort', () => clearInterval(timer));
    hls.on(Hls.Events.BUFFER_APPENDED, () => tick(false));  // a delivery, at its very moment
    on('playing', () => (begun = true));
    on('pause', restart);
    document.addEventListener('visibilitychange', restart, { signal: over });
  }
}
