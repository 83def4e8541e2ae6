// SPDX-License-Identifier: LGPL-2.1-or-later
// The menu of a stream's renditions: automatic, or one of them until another is chosen. Knows no player; it is told what
// there is and tells what was chosen. By keyboard as menus are: arrows, Home, End, Enter, Escape.

const megabits = (rate) => (rate ? `${(rate / 1e6).toFixed(rate < 1e6 ? 2 : 1)} Mbit/s` : '');
const span = (className, textContent) => Object.assign(document.createElement('span'), { className, textContent });

export class RungMenu {
  #made = null;  // of what the items were made

  // The button opens the menu. `choose` is called with a rung's name, or null.
  constructor(button, menu, choose) {
    Object.assign(this, { button, menu, choose });
    this.button.onclick = () => this.#open(this.menu.hidden);
    this.menu.onkeydown = (event) => this.#onKey(event);
    this.menu.onclick = ({ target }) => this.#onChoice(target.closest('button'));
    const close = (target) => { if (!menu.contains(target) && !button.contains(target)) this.#open(false, false); };
    menu.addEventListener('focusout', ({ relatedTarget }) => close(relatedTarget));
    document.addEventListener('pointerdown', ({ target }) => close(target));
  }

  // rungs: [{ name, bitrate }], the best one first. chosen: a name, or null for automatic. playing: a name, or null where
  // that is not known.
  show({ rungs, chosen, playing }) {
    this.button.hidden = rungs.length < 2;
    if (this.button.hidden) this.#open(false, false);
    const made = JSON.stringify(rungs);
    if (made !== this.#made) this.menu.replaceChildren(this.#item(null, 'Auto', ''), ...rungs.map((rung) => this.#item(rung.name, rung.name, megabits(rung.bitrate))));
    this.#made = made;
    for (const item of this.menu.children) {
      const name = item.value || null;
      item.setAttribute('aria-checked', name === chosen);
      item.toggleAttribute('data-playing', name !== null && name === playing);
      item.title = item.hasAttribute('data-playing') ? 'Playing now' : '';
    }
    this.button.querySelector('.rung-how').textContent = chosen === null ? 'Auto' : '';
    this.button.querySelector('.rung-what').textContent = chosen ?? playing ?? '';
  }

  #item(value, name, rate) {
    const item = Object.assign(document.createElement('button'), { type: 'button', value: value ?? '', tabIndex: -1 });
    item.setAttribute('role', 'menuitemradio');
    item.append(span('rung-name', name), span('rung-rate', rate));
    return item;
  }

  #open(open, refocus = true) {
    if (open === !this.menu.hidden) return;
    this.menu.hidden = !open;
    this.button.setAttribute('aria-expanded', open);
    if (open) (this.menu.querySelector('[aria-checked=true]') ?? this.menu.firstElementChild).focus();
    else if (refocus) this.button.focus();
  }

  #onChoice(item) {
    if (!item) return;
    this.#open(false);
    this.choose(item.value || null);
  }

  #onKey(event) {
    const items = [...this.menu.children], at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) items.at(to % items.length).focus();
    else if (event.key === 'Escape') this.#open(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
