// SPDX-License-Identifier: LGPL-2.1-or-later
// Plays WebRTC: connects, shows what is received, and connects again where that is lost. One of playback.js's players.
import { Connection } from './connection.js';
import { Reception } from './reception.js';
import { Refusal } from './signalling.js';

const BACK_OFF = { first: 500, most: 8000 };  // ms between attempts, doubled each time
const ATTEMPTS = 2;        // to connect at all: a firewall does not change its mind
const REFUSED_FOR = 8000;  // ms before asking again, where the server does not say
const MEASURE = 500;       // ms between looks at what is received
const REMEMBERED = 6000;   // ms of what was received
const STALL_SHOWN = 1500;  // ms without anything new before it is worth a word

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export class WhepPlayer {
  static kind = 'whep';
  static get means() { return 'RTCPeerConnection' in window ? 'WebRTC' : null; }

  note = '';
  rungs = [];
  pinned = null;
  received = [];
  #reception = null;
  #rejoin = () => {};  // leaves, and joins again at once
  #rejoins = false;
  #wasPaused = false;
  #tellsCapture = false;  // whether the browser says of each picture when it was captured

  constructor(video, server) {
    this.video = video;
    this.server = server;
  }

  // Only what was asked for by name is known for sure; a name such as 720p says how many lines it has.
  get rung() {
    const { videoHeight } = this.video;
    return this.pinned ?? this.rungs.find(({ name }) => name === `${videoHeight}p`)?.name ?? null;
  }

  pin(name) {
    if (name === this.pinned) return;
    this.pinned = name;
    this.#rejoin();
  }

  start(url, session) {
    this.#wasPaused = false;
    session.on('playing', () => session.enter('playing'));
    session.over.addEventListener('abort', () => (this.video.srcObject = null));
    this.#stayConnected(url, session).then(session.finish);
  }

  // Browsers that understand sender reports say when, by this machine's clock, a picture was captured.
  delayOf({ captureTime, expectedDisplayTime }) {
    this.#tellsCapture = Boolean(captureTime);
    return captureTime ? expectedDisplayTime - captureTime : this.#reception?.delay ?? null;
  }

  figures() {
    const whole = this.#tellsCapture || this.#reception?.fromCapture;
    return { ...this.#reception?.figures, delayMeans: whole ? 'capture to this screen' : 'server to this screen' };
  }

  toLive() {}  // it is nowhere else

  // Resolves with what playback.js is to make of the end.
  async #stayConnected(url, session) {
    let everConnected = false;
    for (let attempt = 1, wait = BACK_OFF.first; !session.over.aborted; attempt++) {
      try {
        if (await this.#connect(url, session)) {
          everConnected = true;
          wait = BACK_OFF.first;
        }
      } catch (error) {
        // What was pinned may be gone, and the stream there all the same.
        if (error instanceof Refusal && this.pinned !== null) {
          this.pinned = null;
          continue;
        }
        return outcomeOf(error, everConnected);
      }
      if (this.#rejoins) continue;
      if (!everConnected && attempt === ATTEMPTS) return { state: 'unconnected', failed: true, wait: REFUSED_FOR };
      if (everConnected) session.enter('reconnecting');
      await pause(wait);
      wait = Math.min(2 * wait, BACK_OFF.most);
    }
    return {};
  }

  #address(url) {
    if (this.pinned === null) return url;
    const address = new URL(url, location);
    address.searchParams.set('rendition', this.pinned);
    return address.href;
  }

  // Resolves, once the connection is lost, with whether there was one. Throws when the server does not want to.
  async #connect(url, session) {
    this.#rejoins = false;
    const connection = new Connection();
    this.#rejoin = () => { this.#rejoins = true; connection.close(); };
    const lost = new Promise((done) => connection.over.addEventListener('abort', done));
    session.over.addEventListener('abort', () => connection.close(), { signal: connection.over });
    try {
      await connection.open(this.#address(url));
      this.rungs = connection.renditions;
      if (!connection.over.aborted) this.#show(connection, session);
      await lost;
    } catch (error) {
      if (!connection.over.aborted) throw error;  // or else it was interrupted: the page is being left
    } finally {
      connection.close();
    }
    return connection.wasConnected;
  }

  // A new stream makes the <video> forget that it was playing; a viewer's pause outlives a lost connection.
  #show(connection, session) {
    const { video } = this;
    video.srcObject = connection.stream;
    if (!this.#wasPaused) session.unpause();
    connection.over.addEventListener('abort', () => (this.#wasPaused = video.paused));
    this.#measure(connection, session);
  }

  #measure(connection, session) {
    const reception = this.#reception = new Reception(this.server);
    let newest = performance.now();
    const timer = setInterval(async () => {
      const before = reception.bytes;
      reception.update(await connection.statistics());
      const now = performance.now(), bytes = reception.bytes - before;
      if (bytes > 0) newest = now;
      this.received = [...this.received.filter(({ at }) => now - at < REMEMBERED), { at: now, bytes }];
      const state = session.state(), arrives = now === newest;
      if (state === 'playing' && now - newest > STALL_SHOWN) session.enter('stalled');
      if (arrives && (state === 'stalled' || (state === 'reconnecting' && this.video.paused))) session.enter('playing');
    }, MEASURE);
    connection.over.addEventListener('abort', () => clearInterval(timer));
  }
}

function outcomeOf(error, everConnected) {
  if (error instanceof TypeError) return { state: 'unreachable', detail: error.message };  // fetch's: no answer
  if (!(error instanceof Refusal)) return { state: 'unplayable', detail: error.message, failed: true, wait: REFUSED_FOR };
  const { status, message, detail, retryAfter } = error;
  if (status === 404) return { state: everConnected ? 'ended' : 'waiting', wait: retryAfter ?? undefined };
  const failed = retryAfter === null && status !== 503;
  return { state: 'refused', title: message, detail, failed, wait: retryAfter ?? REFUSED_FOR };
}
