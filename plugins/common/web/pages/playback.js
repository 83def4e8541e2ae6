// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps a <video> showing the live stream of this page's path: waits for it, has a player play one of its outputs, and
// starts again after whatever happens. Says what is going on by events; knows nothing of the page around it.
//
// States: looking, waiting (not live), loading, playing, stalled, ended, unreachable, unplayable.
// Events: 'state', 'outputs', 'levels'.
//
// A player plays one kind of output, and is used again each time that kind is played:
//   static kind, means        the outputs it plays, and how; means is null where this browser cannot
//   start(url, session)       begins to play; see #play for what it is given
//   delayOf(frame)            ms from capture to display of a picture that requestVideoFrameCallback told of, or null
//   received                  [{ at, bytes }] of the last seconds
//   figures()                 what else it measures, by name: numbers in seconds and counts, null where not known
//   note                      what the viewer should know of how it plays
//   levels, level             the qualities there are, and setting one
//   toLive()                  catches up after a pause
import { HlsPlayer } from './hls-player.js';

const RETRY = 1500;        // ms between looks for a stream that is not there
const KEEP_LOOKING = 5000; // ms between looks while playing: outputs come and go, and the clock is read

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export class Playback extends EventTarget {
  state = 'looking';
  detail = '';
  outputs = [];
  player = null;  // of what is, or was last, played

  constructor(video, server) {
    super();
    this.video = video;
    this.server = server;
    this.players = [HlsPlayer].filter(({ means }) => means).map((Player) => new Player(video, server));
  }

  async run() {
    if (!this.players.length) return this.#enter('unplayable', 'This browser has neither Media Source Extensions nor HLS.');
    for (;;) {
      const output = await this.#findOutput();
      if (output) {
        const keepLooking = setInterval(() => this.#lookWhilePlaying(), KEEP_LOOKING);
        const { state, detail } = await this.#play(output);
        clearInterval(keepLooking);
        this.#enter(state, detail);
      }
      await pause(RETRY);
    }
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

  // A player tries again for a while before it gives up. A server that was restarted is back by then.
  async #lookWhilePlaying() {
    const outcome = await this.#look().then((outputs) => (outputs ? null : { state: 'waiting' }),
                                            (error) => ({ state: 'unreachable', detail: error.message }));
    if (outcome && ['loading', 'stalled'].includes(this.state)) this.#finish(outcome);
  }

  async #findOutput() {
    try {
      const outputs = await this.#look();
      for (const player of this.players) {
        const output = outputs?.find(({ kind }) => kind === player.constructor.kind);
        if (output) return { player, url: output.url };
      }
      if (outputs?.length) this.#enter('unplayable', 'None of its outputs can be played in this page.');
      else if (this.state !== 'ended') this.#enter('waiting');
    } catch (error) {
      this.#enter('unreachable', error.message);
    }
    return null;
  }

  // Plays until it is over; resolves with { state, detail }: the state that it ended in and why.
  #play({ player, url }) {
    if (this.state !== 'ended') this.#enter('loading');
    this.player = player;
    const over = new AbortController();
    return new Promise((done) => {
      this.#finish = (outcome) => {
        if (over.signal.aborted) return;
        over.abort();
        done(outcome);
      };
      player.start(url, {
        over: over.signal,  // aborted once it is over: nothing may be left running
        on: (name, heard) => this.video.addEventListener(name, heard, { signal: over.signal }),
        state: () => this.state,
        enter: (state, detail) => { if (!over.signal.aborted) this.#enter(state, detail); },
        finish: this.#finish,
        say: (event) => this.dispatchEvent(new Event(event)),
        unpause: () => this.#unpause(),
      });
    });
  }

  // Muted playback is allowed everywhere; with sound only where the viewer is known to want it.
  async #unpause() {
    const { video } = this;
    try {
      await video.play();
    } catch (error) {
      if (error.name !== 'NotAllowedError' || video.muted) return;
      video.muted = true;
      video.play().catch(() => {});
    }
  }
}
