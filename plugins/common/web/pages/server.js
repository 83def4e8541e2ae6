// SPDX-License-Identifier: LGPL-2.1-or-later
// What the page learns from its server: the outputs of its path, and what time it is there. Knows no player.

const SAMPLES = 12;  // answers of which the quickest sets the clock: it knows the time best

export class Server {
  #samples = [];  // { offset, roundTrip } in ms; offset: server's wall clock - performance.now()

  // The outputs of this page's path, or null when the path is not live. Throws when the server cannot be reached.
  async outputs() {
    const sent = performance.now();
    const response = await fetch('outputs.json', { cache: 'no-store' });
    const received = performance.now();
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const { now, outputs } = await response.json();
    this.#samples.push({ offset: now - (sent + received) / 2, roundTrip: received - sent });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    return outputs;
  }

  // The server's wall clock, in ms since 1970, at a time of performance.now(). Our own clock may be off by minutes.
  timeAt(local) {
    if (!this.#samples.length) return performance.timeOrigin + local;
    const best = this.#samples.reduce((a, b) => (b.roundTrip < a.roundTrip ? b : a));
    return local + best.offset;
  }
}
