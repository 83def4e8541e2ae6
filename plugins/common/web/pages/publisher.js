// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps a stream published: connects, and publishes again where the session was lost, until it is stopped or the server
// means its refusal. Says how it stands; does not show it.
import { Publication } from './publication.js';
import { Refusal } from './signalling.js';

const BACK_OFF = { first: 500, most: 10000 };  // ms between attempts, doubled each time
const GIVE_UP_AFTER = 60000;  // ms of being refused for what may pass: nobody takes it yet, the lost session still holds it

// Of a Refusal without words of its own, and what to do about it.
const WORDS = {
  401: ['The server wants a token', 'Enter the token that you were given.'],
  403: ['The server does not accept this token', 'It may be misspelt, too old, or for another path.'],
  404: ['Nobody takes this path', 'The server has no stream of this name that waits for a publisher.'],
  409: ['Somebody publishes here already', 'A path has one publisher at a time.'],
  503: ['The server takes no more publishers now', ''],
};
const MAY_PASS = new Set([404, 409]);  // where we were there before
const SURELY_PASSES = (status) => status === 429 || status >= 500;

// Resolves early when the network is back.
const pause = (ms, signal) => new Promise((done) => {
  const timer = setTimeout(done, ms);
  for (const [target, name] of [[window, 'online'], [signal, 'abort']]) {
    target.addEventListener(name, () => { clearTimeout(timer); done(); }, { once: true });
  }
});

export class Publisher extends EventTarget {
  state = 'idle';   // connecting, live, restarting, waiting, unreachable, unconnected, refused, idle again
  title = '';       // what the server says of it, or what we say of the server
  detail = '';
  status = null;    // of a refusal
  liveSince = null; // performance.now() of the first time
  #stopping = null; // AbortController while it is to be published
  #ending = null;   // resolves when the server knows of the last stop
  #publication = null;

  get isActive() { return this.#stopping !== null; }
  async statistics() { return this.#publication?.statistics() ?? null; }
  adjust(wishes) { return this.#with((publication) => publication.adjust(wishes), wishes); }
  replace(tracks, wishes) {
    this.tracks = tracks;
    return this.#with((publication) => publication.replace(tracks, wishes), wishes);
  }

  #with(act, wishes) {
    this.wishes = { ...this.wishes, ...wishes };
    return this.#publication ? act(this.#publication) : null;
  }

  // Resolves when it is over: stopped, or refused for good.
  async start(url, tracks, wishes, token) {
    Object.assign(this, { tracks, wishes, liveSince: null, status: null });
    const stopping = this.#stopping = new AbortController();
    this.#enter('connecting');
    await this.#ending;  // or else we would be in our own way
    let refusedSince = null;
    for (let wait = BACK_OFF.first; !stopping.signal.aborted; wait = Math.min(wait * 2, BACK_OFF.most)) {
      const error = await this.#publish(url, token, stopping.signal);
      if (stopping.signal.aborted) break;
      const refused = error instanceof Refusal;
      if (!error) wait = BACK_OFF.first;
      refusedSince = refused ? refusedSince ?? performance.now() : null;
      if (refused && !this.#mayPass(error.status, refusedSince)) return this.#endRefused(error);
      if (!refused && error && !(error instanceof TypeError)) return this.#endRefused(error);
      this.#sayWhy(error);
      await pause(Math.max(refused ? error.retryAfter ?? 0 : 0, wait), stopping.signal);
    }
  }

  async stop() {
    if (!this.isActive) return;
    this.#stopping.abort();
    this.#stopping = null;
    const publication = this.#publication;
    this.#publication = null;
    this.#enter('idle');
    await (this.#ending = publication?.close() ?? null);
  }

  // Resolves when the publication is over: with null, or with why it never was.
  async #publish(url, token, stopping) {
    const publication = new Publication(this.tracks, this.wishes, token);
    this.#publication = publication;
    const over = new Promise((end) => publication.over.addEventListener('abort', end, { once: true }));
    publication.addEventListener('state', () => this.#follow(publication));
    try {
      await publication.open(url);
      await over;
      return publication.wasConnected || stopping.aborted ? null : new Unconnected();
    } catch (error) {
      return error;
    } finally {
      await publication.close();
      if (this.#publication === publication) this.#publication = null;
    }
  }

  #follow({ state }) {
    if (!this.isActive) return;
    if (state === 'connected') {
      this.liveSince ??= performance.now();
      this.#enter('live');
    }
    if (state === 'restarting') this.#enter('restarting');
  }

  #mayPass(status, since) {
    if (SURELY_PASSES(status)) return true;
    return MAY_PASS.has(status) && this.liveSince !== null && performance.now() - since < GIVE_UP_AFTER;
  }

  #sayWhy(error) {
    if (!error) this.#enter('waiting');
    else if (error instanceof Refusal) this.#enter('waiting', ...wordsOf(error), error.status);
    else this.#enter(error instanceof Unconnected ? 'unconnected' : 'unreachable');
  }

  #endRefused(error) {
    this.#stopping = null;
    if (error instanceof Refusal) this.#enter('refused', ...wordsOf(error), error.status);
    else this.#enter('refused', 'This cannot be published', error.message);
  }

  #enter(state, title = '', detail = '', status = null) {
    Object.assign(this, { state, title, detail, status });
    this.dispatchEvent(new Event('state'));
  }
}

// fetch() throws a TypeError where nobody answers; so do we where nobody answers our checks.
class Unconnected extends TypeError {}

function wordsOf({ status, message, detail }) {
  const [title, hint] = WORDS[status] ?? [message, ''];
  return [title, [detail || (title === message ? '' : message), hint].filter((words) => words && !/^The server answered/.test(words)).join(' ')];
}
