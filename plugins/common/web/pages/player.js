// SPDX-License-Identifier: LGPL-2.1-or-later
// The player page: puts playback, figures and the viewer's controls on the screen. The URL's ?play= says by which kind
// of output, so that a link does.
import { Figures } from './figures.js';
import { KINDS } from './kinds.js';
import { Playback } from './playback.js';
import { RungMenu } from './rung-menu.js';
import { Server } from './server.js';

const REDRAW = 250;       // ms between figures
const CONTROLS_FOR = 2500; // ms the controls stay after the last move

const $ = (id) => document.getElementById(id);
const path = decodeURIComponent(location.pathname).replace(/^\/|\/$/g, '');
const stage = $('stage'), video = $('video'), badge = $('badge'), message = $('message');
const server = new Server();
const playback = new Playback(video, server, kindInUrl());
const figures = new Figures(video, playback);
const rungMenu = new RungMenu($('rung'), $('rungs'), chooseRung);

// state → what the badge says and its colour; headline and detail over the picture, none = the picture alone
const SAYINGS = {
  looking:     { badge: ['looking', 'connecting'], headline: 'Connecting …' },
  loading:     { badge: ['looking', 'loading'], headline: 'Loading …' },
  waiting:     { badge: ['waiting', 'not live yet'], headline: 'Not live yet', detail: 'It starts here by itself as soon as it is published.' },
  playing:     { badge: ['live', 'live'] },
  stalled:     { badge: ['waiting', 'interrupted'], headline: 'Waiting for the broadcaster …', detail: 'The connection is up, but nothing new arrives.' },
  reconnecting: { badge: ['waiting', 'reconnecting'], headline: 'The connection was lost', detail: 'Connecting again …' },
  ended:       { badge: ['looking', 'ended'], headline: 'The stream has ended', detail: 'If it comes back, it continues here by itself.', still: true },
  unreachable: { badge: ['failed', 'no connection'], headline: 'No connection to the server', detail: 'Trying again …' },
  refused:     { badge: ['failed', 'refused'], headline: 'The server refuses', still: true },
  unconnected: { badge: ['failed', 'no connection'], headline: 'No connection by WebRTC', detail: 'A firewall may be in its way. Trying again …' },
  unplayable:  { badge: ['failed', 'cannot play'], headline: 'This cannot be played here', still: true },
};

function showState() {
  const saying = SAYINGS[playback.state];
  [badge.dataset.state, badge.textContent] = saying.badge;
  message.toggleAttribute('data-quiet', !saying.headline);
  message.toggleAttribute('data-still', Boolean(saying.still));
  $('headline').textContent = playback.title || (saying.headline ?? '');
  $('detail').textContent = [saying.detail, playback.detail].filter(Boolean).join(' ');
  document.documentElement.dataset.state = playback.state;
  showKinds();
  showNote();
  showSound();
}

function showNote() {
  const skipped = playback.skipped.map((kind) => `${KINDS[kind].name} does not work here: this is ${KINDS[playback.kind].name}.`);
  $('note').textContent = [...skipped, playback.player?.note].filter(Boolean).join(' ');
  $('note').hidden = !$('note').textContent;
}

function kindInUrl() {
  const play = new URLSearchParams(location.search).get('play');
  return Object.keys(KINDS).find((kind) => KINDS[kind].play === play) ?? null;
}

// A choice only where there is one.
function showKinds() {
  const { kinds } = playback;
  document.documentElement.dataset.kind = playback.kind ?? kinds[0] ?? '';
  $('kinds').hidden = kinds.length < 2;
  for (const choice of $('kinds').querySelectorAll('label')) {
    const input = choice.firstElementChild;
    choice.hidden = !kinds.includes(input.value);
    input.checked = input.value === playback.chosen;
  }
}

function makeKinds() {
  $('kinds').append(...Object.entries(KINDS).map(([kind, { name }]) => {
    const input = Object.assign(document.createElement('input'), { type: 'radio', name: 'kind', value: kind });
    const label = document.createElement('label');
    label.append(input, name);
    return label;
  }));
}

function chooseKind(kind) {
  const url = new URL(location);
  url.searchParams.set('play', KINDS[kind].play);
  history.replaceState(null, '', url);
  playback.choose(kind);
}

function chooseRung(name) {
  playback.player?.pin(name);
  showRungs();
}

function showOutputs() {
  showKinds();
  $('elsewhere').hidden = playback.outputs.length === 0;
  $('outputs').replaceChildren(...playback.outputs.map(({ kind, url }) => {
    const { href } = new URL(url, location);
    const link = kind === 'hls' ? Object.assign(document.createElement('a'), { href }) : document.createElement('code');
    link.textContent = href;  // the others are for players, not for browsers to open
    const name = Object.assign(document.createElement('span'), { className: 'kind', textContent: kind.toUpperCase() });
    const item = document.createElement('li');
    item.append(name, link);
    return item;
  }));
}

function showFigures() {
  for (const [name, { value, text }] of Object.entries(figures.read())) {
    for (const place of document.querySelectorAll(`[data-figure="${name}"]`)) {
      place.textContent = text;
      place.dataset.value = value ?? '';
    }
  }
}

function showRungs() {
  const { player } = playback;
  rungMenu.show({ rungs: player?.rungs ?? [], chosen: player?.pinned ?? null, playing: player?.rung ?? null });
}

function showSound() {
  stage.toggleAttribute('data-muted', video.muted || video.volume === 0);
  $('mute').setAttribute('aria-label', video.muted ? 'Unmute' : 'Mute');
  $('volume').value = video.muted ? 0 : video.volume;
  $('unmute').hidden = !video.muted || playback.state !== 'playing' || remembered('sound') === 'off';
}

function showPaused() {
  stage.toggleAttribute('data-paused', video.paused);
  $('play').setAttribute('aria-label', video.paused ? 'Play' : 'Pause');
}

// ---- what the viewer does ----

function remembered(key) { try { return localStorage.getItem(key); } catch { return null; } }
function remember(key, value) { try { localStorage.setItem(key, value); } catch { /* private mode: forgotten */ } }

function setMuted(muted) {
  video.muted = muted;
  if (!muted && video.volume === 0) video.volume = 1;
  remember('sound', muted ? 'off' : 'on');
  showSound();
}

function togglePlay() {
  if (!video.paused) return video.pause();
  playback.player?.toLive();
  video.play().catch(() => {});
}

function toggleFullscreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (stage.requestFullscreen) stage.requestFullscreen().catch(() => {});
  else video.webkitEnterFullscreen?.();  // iPhone: only the video itself
}

let asleep = 0;
function wake() {
  stage.setAttribute('data-awake', '');
  clearTimeout(asleep);
  asleep = setTimeout(() => stage.removeAttribute('data-awake'), CONTROLS_FOR);
}

const KEYS = { ' ': togglePlay, k: togglePlay, m: () => setMuted(!video.muted), f: toggleFullscreen };

$('play').onclick = togglePlay;
$('mute').onclick = () => setMuted(!video.muted);
$('unmute').onclick = () => setMuted(false);
$('fullscreen').onclick = toggleFullscreen;
$('volume').oninput = ({ target }) => { video.volume = Number(target.value); setMuted(video.volume === 0); };
$('kinds').onchange = ({ target }) => chooseKind(target.value);
video.onclick = wake;
stage.onpointermove = wake;
for (const name of ['play', 'pause']) video.addEventListener(name, showPaused);
video.addEventListener('volumechange', showSound);
document.addEventListener('keydown', (event) => {
  const act = KEYS[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey || event.target.closest('button, input, a')) return;
  event.preventDefault();
  act();
});

// ---- start ----

$('path').textContent = path;
document.title = `${path} · live`;
video.muted = remembered('sound') !== 'on';
playback.addEventListener('state', showState);
playback.addEventListener('outputs', showOutputs);
makeKinds();
showState();
setInterval(() => { showFigures(); showRungs(); }, REDRAW);
playback.run();
