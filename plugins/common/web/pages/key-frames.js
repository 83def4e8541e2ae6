// SPDX-License-Identifier: LGPL-2.1-or-later
// Makes hls.js change rendition only where a key frame comes next. It changes when it likes, loads the new rendition from
// the key frame before that on, over what is buffered and perhaps already on the screen, and browsers then show nothing
// new until the next key frame: at the live edge that is a picture that stands still for up to as long as they are apart.
// In parts, the next key frame is where the last ones were, that much later.

const NEAR = 0.02;           // s between a playlist's times and the buffer's
const LONGEST_WAIT = 4000;   // ms for a key frame where there should be one
const ESCAPE = 10000;        // ms during which what hls.js wants after an error goes over what the viewer wants

// Whether what comes at `end`, where the buffer does, is a key frame, going by a playlist's `details`.
export function keyFrameAt(end, { fragments = [], partList }) {
  if (!partList?.length) return true;  // whole segments are loaded, and begin with one
  const near = (time) => Math.abs(end - time) < NEAR;
  if (fragments.some((fragment) => near(fragment.start) || near(fragment.end))) return true;
  const keys = partList.filter(({ independent }) => independent).map(({ start }) => start);
  if (keys.some(near)) return true;
  const steps = keys.slice(1).map((key, i) => key - keys[i]);
  const step = Math.min(...steps), beyond = end - keys.at(-1);
  return steps.length > 0 && beyond > 0 && near(end - beyond + Math.round(beyond / step) * step);
}

// `AbrController` is hls.js's. `pinned()` says which level the viewer wants, -1 for what the network allows; `absent()`
// which levels have nothing to play, see absent-rungs.js.
export function changingAtKeyFrames(AbrController, pinned, absent) {
  return class extends AbrController {
    #waitingSince = null;
    #escapeUntil = 0;  // hls.js left a level that failed

    get nextAutoLevel() {
      const { hls } = this, now = performance.now();
      const current = hls?.loadLevel ?? -1;
      const escapes = now < this.#escapeUntil || absent()?.has(current);
      const wish = pinned() >= 0 && now >= this.#escapeUntil ? pinned() : super.nextAutoLevel;
      const wanted = absent()?.insteadOf(wish, hls.levels.length) ?? wish;
      if (wanted === current) this.#waitingSince = null;
      if (wanted === current || current < 0 || escapes) return wanted;
      this.#waitingSince ??= now;
      return this.#mayChange(current) || now - this.#waitingSince > LONGEST_WAIT ? wanted : current;
    }

    set nextAutoLevel(level) {
      if (level !== this.hls?.loadLevel) this.#escapeUntil = performance.now() + ESCAPE;
      super.nextAutoLevel = level;
    }

    #mayChange(current) {
      const { levels, mainForwardBufferInfo: buffer } = this.hls;
      const details = levels[current]?.details;
      return !buffer?.len || !details || keyFrameAt(buffer.end, details);
    }
  };
}
