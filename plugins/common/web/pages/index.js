// SPDX-License-Identifier: LGPL-2.1-or-later
// The index: a card for every live path, kept up to date from paths.json, and the way to publish one. Knows how to do
// neither.
import { KINDS } from './kinds.js';
import { keepPictures } from './pictures.js';

const REFRESH = 2000;  // ms
const list = document.getElementById('paths');
const badge = document.getElementById('badge');
const cards = new Map();  // path → <li>

function linkTo(path) {
  return path.split('/').map(encodeURIComponent).join('/') + '/';
}

function make(tag, attributes = {}, ...children) {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...children);
  return element;
}

function makeCard(path) {
  const picture = make('div', { className: 'picture' }, make('span', { className: 'tag', textContent: 'LIVE' }));
  const body = make('div', { className: 'body' }, make('a', { href: linkTo(path), textContent: path }), make('span', { className: 'ways' }));
  return make('li', { className: 'card' }, picture, body);
}

function showKinds(card, outputs) {
  const page = linkTo(card.querySelector('a').textContent);
  const shown = JSON.stringify(outputs);
  if (card.dataset.outputs === shown) return;  // a link that is replaced loses the keyboard's focus
  card.dataset.outputs = shown;
  card.querySelector('.ways').replaceChildren(...outputs.map(({ kind }) => {
    const known = KINDS[kind];
    if (!known) return make('span', { className: 'kind', textContent: kind.toUpperCase() });
    return make('a', { className: 'kind', href: `${page}?play=${known.play}`, textContent: known.name });
  }));
  const hls = outputs.find(({ kind }) => kind === 'hls');
  card.dataset.playlist = hls ? page + hls.url : '';  // pictures are taken from HLS only: a WebRTC viewer costs more
}

// The entrance for publishers: its page is beside the path's own.
document.getElementById('publish').addEventListener('submit', (event) => {
  event.preventDefault();
  const path = document.getElementById('to').value.split('/').map((segment) => segment.trim()).filter(Boolean).join('/');
  if (path) location.assign(`${linkTo(path)}publish`);
});

function show({ paths, publish = false }) {
  document.getElementById('publish').hidden = !publish;
  const live = new Set(paths.map(({ path }) => path));
  for (const [path, card] of cards) {
    if (!live.has(path)) { card.remove(); cards.delete(path); }
  }
  for (const { path, outputs } of paths) {
    if (!cards.has(path)) cards.set(path, makeCard(path));
    showKinds(cards.get(path), outputs);
  }
  const sorted = [...cards].sort(([a], [b]) => a.localeCompare(b)).map(([, card]) => card);
  if (sorted.some((card, i) => list.children[i] !== card)) list.replaceChildren(...sorted);
  document.getElementById('empty').hidden = paths.length > 0;
  badge.dataset.state = paths.length ? 'live' : 'looking';
  badge.textContent = paths.length === 1 ? '1 stream' : `${paths.length} streams`;
}

async function refresh() {
  try {
    const response = await fetch('paths.json', { cache: 'no-store' });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    show(await response.json());
  } catch {
    badge.dataset.state = 'failed';
    badge.textContent = 'server unreachable';
  }
  setTimeout(refresh, REFRESH);
}

await refresh();
keepPictures(list);
