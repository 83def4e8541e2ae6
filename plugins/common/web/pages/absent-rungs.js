// SPDX-License-Identifier: LGPL-2.1-or-later
// Which of hls.js's levels have paused: their playlists go on with parts that say there is nothing (GAP=YES), and hls.js
// would wait with them. One is absent until its playlist has media again, which is looked for while another plays.

const LOOK = 3000;  // ms between looks at the playlist of one that is absent

// Of a playlist's text: whether its newest part is a gap.
export function endsInGap(playlist) {
  const part = playlist.slice(Math.max(0, playlist.lastIndexOf('#EXT-X-PART:'))).split('\n', 1)[0];
  return /[:,]GAP=YES(,|$)/.test(part.trim());
}

export class AbsentRungs {
  #absent = new Set();

  // events: Hls.Events. over: a signal that ends the looking.
  constructor(hls, events, over) {
    hls.on(events.LEVEL_UPDATED, (_, { level, details }) => this.#note(level, details.partList?.at(-1)?.gap));
    const timer = setInterval(() => this.#absent.forEach((level) => this.#look(level, hls.levels[level]?.url[0])), LOOK);
    over.addEventListener('abort', () => clearInterval(timer));
  }

  has(level) { return this.#absent.has(level); }

  // The level itself where there is something of it, or else the next one below, or above.
  insteadOf(level, count) {
    const others = [...Array(count).keys()].filter((other) => !this.#absent.has(other));
    if (!this.#absent.has(level) || !others.length) return level;
    return others.filter((other) => other < level).at(-1) ?? others[0];
  }

  #note(level, isGap) {
    if (isGap) this.#absent.add(level);
    else this.#absent.delete(level);
  }

  async #look(level, url) {
    const text = await fetch(url).then((answer) => (answer.ok ? answer.text() : null), () => null);
    if (text !== null) this.#note(level, endsInGap(text));
  }
}
