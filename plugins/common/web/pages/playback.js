// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps a <video> showing the live stream of this page's path: waits for it, has a player play one of its outputs, and
// starts again after whatever happens. Says what is going on by events; knows nothing of the page around it.
//
// States: looking, waiting (not live), loading, playing, stalled, reconnecting, ended, refused, unconnected, unreachable,
// unplayable. Events: 'state', 'outputs'.
//
// A player plays one kind of output, and is used again each time that kind is played:
//   static kind, means        the outputs it plays, and how; means is null where this browser cannot
//   start(url, session)       begins to play; see #play for what it is given
//   delayOf(frame)            ms from capture to display of a picture that requestVideoFrameCallback told of, or null
//   received                  [{ at, bytes }] of the last seconds
//   figures()                 what else it measures, by name: numbers in seconds and counts, null where not known
//   note                      what the viewer should know of how it plays
//   rungs                     the renditions there are to choose from, the best one first: [{ name, bitrate }]
//   pinned, pin(name)         the one that was chosen, null = whichever the network allows; and choosing
//   rung                      the name of the one on the screen, null where that is not known
//   toLive()                  catches up after a pause
import { HlsPlayer } from './hls-player.js';
import { WhepPlayer } from './whep-player.js';

const RETRY = 1500;        // ms between looks for a stream that is not there
const KEEP_LOOKING = 5000; // ms between looks while playing: outputs come and go, and the clock is read

// States that are shown until there is a picture again, however often the same kind is tried.
const LASTING = ['ended', 'refused', 'unconnected', 'unplayable'];

export class Playback extends EventTarget {
  state = 'looking';
  title = '';     // what to say instead of the state's own words
  detail = '';
  outputs = [];
  player = null;  // of what is, or was last, played
  #wanted;        // the kind the viewer asked for; it is played where there is one, another until then
  #failed = new Set();  // kinds that did not work here, and are not tried again unasked while there is another

  constructor(video, server, wanted = null) {
    super();
    this.video = video;
    this.server = server;
    this.#wanted = wanted;
    this.players = [WhepPlayer, HlsPlayer].filter(({ means }) => means).map((Player) => new Player(video, server));
  }

  // The kinds that the path has and this browser plays, the preferred one first.
  get kinds() {
    const live = this.outputs.map(({ kind }) => kind);
    return this.players.map((player) => player.constructor.kind).filter((kind) => live.includes(kind));
  }

  // The kinds that are not played because they failed.
  get skipped() { return this.kinds.filter((kind) => kind !== this.kind && this.#failed.has(kind)); }

  get kind() { return this.player?.constructor.kind ?? null; }
  // The kind that the viewer is shown as the one in use: what was asked for, even while it is being tried.
  get chosen() { return this.kinds.includes(this.#wanted) ? this.#wanted : this.kind; }

  // The kind to use from now on.
  choose(kind) {
    this.#wanted = kind;
    this.#failed.clear();
    if (kind !== this.kind) this.#finish({ state: 'loading', wait: 0 });
    this.#wake();
  }

  async run() {
    if (!this.players.length) {
      return this.#enter('unplayable', { detail: 'This browser has neither WebRTC, nor Media Source Extensions, nor HLS.' });
    }
    for (;;) {
      const output = await this.#findOutput();
      let wait = RETRY;
      if (output) {
        const keepLooking = setInterval(() => this.#lookWhilePlaying(), KEEP_LOOKING);
        const outcome = await this.#play(output);
        clearInterval(keepLooking);
        this.#enter(outcome.state, outcome);
        wait = this.#waitAfter(outcome);
      }
      await new Promise((done) => { setTimeout(done, wait); this.#wake = done; });
    }
  }

  #finish = () => {};  // ends what is being played
  #wake = () => {};    // ends waiting for the next try

  #enter(state, { title = '', detail = '' } = {}) {
    if (state === this.state && title === this.title && detail === this.detail) return;
    Object.assign(this, { state, title, detail });
    this.dispatchEvent(new Event('state'));
  }

  #waitAfter({ failed, wait = RETRY }) {
    if (!failed) return wait;
    this.#failed.add(this.kind);
    return this.#choice() === this.kind ? wait : 0;
  }

  #choice() {
    const { kinds } = this;
    if (kinds.includes(this.#wanted)) return this.#wanted;
    return kinds.find((kind) => !this.#failed.has(kind)) ?? kinds[0] ?? null;
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
    const outcome = await this.#look().then(() => (this.kinds.includes(this.kind) ? null : { state: 'waiting' }),
                                            (error) => ({ state: 'unreachable', detail: error.message }));
    if (outcome && ['loading', 'stalled', 'reconnecting'].includes(this.state)) return this.#finish(outcome);
    if (this.#wanted !== this.kind && this.kinds.includes(this.#wanted)) this.#finish({ state: 'loading', wait: 0 });
  }

  async #findOutput() {
    try {
      const outputs = await this.#look();
      const choice = this.#choice();
      if (choice) return this.outputs.find(({ kind }) => kind === choice);
      if (outputs?.length) this.#enter('unplayable', { detail: 'None of its outputs can be played in this page.' });
      else if (this.state !== 'ended') this.#enter('waiting');
    } catch (error) {
      this.#enter('unreachable', { detail: error.message });
    }
    return null;
  }

  // Plays until it is over; resolves with { state, title, detail }: the state that it ended in and why; `wait`: ms until
  // it makes sense to try again; `failed`: this kind does not work here.
  #play({ kind, url }) {
    const isAnother = kind !== this.kind;
    this.player = this.players.find((player) => player.constructor.kind === kind);
    if (isAnother || !LASTING.includes(this.state)) this.#enter('loading');
    const over = new AbortController();
    return new Promise((done) => {
      this.#finish = (outcome) => {
        if (over.signal.aborted) return;
        over.abort();
        done(outcome);
      };
      this.player.start(url, {
        over: over.signal,  // aborted once it is over: nothing may be left running
        on: (name, heard) => this.video.addEventListener(name, heard, { signal: over.signal }),
        state: () => this.state,
        enter: (state) => { if (!over.signal.aborted) this.#enter(state); },
        finish: this.#finish,
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
