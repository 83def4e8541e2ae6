// SPDX-License-Identifier: LGPL-2.1-or-later
// The publish page: what is to be published, whether it is, and what is sent, on the screen. The URL's ?source= says
// camera, screen or test.
import { capture, Obstacle } from './capture.js';
import { Publisher } from './publisher.js';
import { Sending } from './sending.js';
import { Settings } from './settings.js';

const REDRAW = 1000;  // ms between figures

// source → what it is to publish it
const INVITATIONS = {
  camera: ['Publish your camera', 'The browser will ask whether this page may use it.'],
  screen: ['Publish your screen', 'The browser will ask which screen, window or tab.'],
  test: ['Publish a test picture', 'A clock and a tone: no permission is needed.'],
};

const $ = (id) => document.getElementById(id);
const path = decodeURIComponent(location.pathname).replace(/^\/|\/publish\/?$/g, '');
const preview = $('preview'), badge = $('badge'), message = $('message'), start = $('start');
const settings = new Settings($('settings'), sourceInUrl());
const publisher = new Publisher();
const sending = new Sending();
let captured = null;  // what capture() gave
let asking = false;   // it is being asked for
let askings = 0;      // of which the last one counts
let obstacle = null;  // why there is nothing
let unchanged = null; // why what is live could not be changed

// state → what the badge says and its colour; headline and detail over the picture, none = the picture alone
const SAYINGS = {
  idle:        { badge: ['looking', 'not live'] },
  asking:      { badge: ['looking', 'not live'], headline: 'The browser asks you …', detail: 'Allow what is to be published.' },
  blocked:     { badge: ['failed', 'not live'], still: true },
  connecting:  { badge: ['waiting', 'connecting'], headline: 'Connecting …' },
  live:        { badge: ['live', 'live'] },
  restarting:  { badge: ['waiting', 'reconnecting'], headline: 'The connection was interrupted', detail: 'Looking for another way to the server …' },
  waiting:     { badge: ['waiting', 'reconnecting'], headline: 'The connection was lost', detail: 'Publishing again …' },
  unreachable: { badge: ['failed', 'no connection'], headline: 'No connection to the server', detail: 'Is the network there? Trying again …' },
  unconnected: { badge: ['failed', 'no connection'], headline: 'No connection by WebRTC', detail: 'The server answers, but a firewall may be in the way of its UDP port. Trying again …' },
  refused:     { badge: ['failed', 'refused'], headline: 'The server refuses', still: true },
};

function sourceInUrl() {
  const source = new URLSearchParams(location.search).get('source');
  return source in INVITATIONS ? source : null;
}

// ---- what is shown ----

function stateNow() {
  if (asking && !publisher.isActive) return 'asking';
  if (obstacle) return 'blocked';
  return publisher.state;
}

function wordsOf(state) {
  const { headline = '', detail = '' } = SAYINGS[state];
  if (state === 'blocked') return [obstacle.message, obstacle.detail];
  if (state === 'idle') return captured ? ['', ''] : INVITATIONS[settings.source];
  if (!publisher.title) return [headline, detail];
  return [publisher.title, [publisher.detail, state === 'waiting' ? 'Trying again …' : ''].filter(Boolean).join(' ')];
}

function show() {
  const state = stateNow();
  const saying = SAYINGS[state];
  const [headline, detail] = wordsOf(state);
  badge.dataset.state = saying.badge[0];
  badge.textContent = [saying.badge[1], duration()].filter(Boolean).join(' ');
  message.toggleAttribute('data-quiet', !headline);
  message.toggleAttribute('data-still', Boolean(saying.still) || state === 'idle');
  $('headline').textContent = headline;
  $('detail').textContent = detail;
  start.textContent = publisher.isActive ? 'Stop publishing' : 'Start publishing';
  start.toggleAttribute('data-active', publisher.isActive);
  start.disabled = asking;
  settings.lock(publisher.isActive, Boolean(captured?.audio));
  showMicrophone();
  showNote();
  $('token').setAttribute('aria-invalid', state === 'refused' && [401, 403].includes(publisher.status));
  document.documentElement.dataset.state = state;
}

// Since the first time that it was live: viewers count an interruption in.
function duration() {
  if (publisher.state !== 'live') return '';
  const s = Math.floor((performance.now() - publisher.liveSince) / 1000);
  const two = (n) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

function showNote() {
  $('note').hidden = !unchanged || !publisher.isActive;
  $('note').textContent = unchanged ? `${unchanged.message}. ${unchanged.detail} What was live still is.` : '';
}

const microphone = () => captured?.microphone ?? null;

function showMicrophone() {
  const track = microphone();
  $('microphone-on').hidden = !track;
  $('microphone-on').setAttribute('aria-pressed', Boolean(track && !track.enabled));
}

async function showFigures() {
  const figures = sending.read(publisher.state === 'live' ? await publisher.statistics() : null);
  for (const [name, { value, text }] of Object.entries(figures)) {
    for (const place of document.querySelectorAll(`[data-figure="${name}"]`)) {
      place.textContent = text;
      place.dataset.value = value ?? '';
    }
  }
  if (publisher.state === 'live') show();
}

// ---- what is captured ----

function letGo() {
  captured?.stop();
  captured = null;
  preview.srcObject = null;
}

// In place of what there was; resolves with whether there is something new now.
async function take() {
  const number = ++askings;
  if (!publisher.isActive) letGo();
  asking = true;
  obstacle = unchanged = null;
  show();
  try {
    const next = await capture(settings.capture);
    if (number !== askings) {
      next.stop();
      return false;
    }
    await use(next);
    return true;
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error;
    if (number === askings && publisher.isActive) unchanged = error;
    else if (number === askings) obstacle = error;
    return false;
  } finally {
    if (number === askings) asking = false;
    show();
  }
}

async function use(next) {
  const before = captured;
  const wasMuted = microphone()?.enabled === false;
  captured = next;
  if (microphone()) microphone().enabled = !wasMuted;
  captured.video.addEventListener('ended', lost);
  preview.srcObject = new MediaStream([captured.video]);
  if (publisher.isActive) await publisher.replace(captured, settings.sending);
  before?.stop();
  settings.offerHeights(settings.source === 'camera' ? captured.video.getCapabilities?.().height?.max : undefined);
  await settings.listDevices();
}

// The device was unplugged, or the browser's own button to stop sharing was pressed.
function lost({ target }) {
  if (target !== captured?.video) return;
  const what = settings.source === 'screen' ? 'The screen is no longer shared' : 'The camera is gone';
  stop();
  obstacle = new Obstacle(what, publisher.liveSince === null ? '' : 'Publishing has stopped.');
  letGo();
  show();
}

// Nobody is asked for a permission before they did something.
async function isAllowed() {
  if (settings.source === 'test') return true;
  if (settings.source === 'screen' || !navigator.mediaDevices) return false;
  const asked = settings.capture.microphone === null ? ['camera'] : ['camera', 'microphone'];
  const given = await Promise.all(asked.map((name) => navigator.permissions?.query({ name }).catch(() => null)));
  return given.every((permission) => permission?.state === 'granted');
}

async function showPreview() {
  if (await isAllowed()) await take();
  else {
    askings++;
    letGo();
    asking = false;
    obstacle = null;
    show();
  }
}

// ---- what the publisher does ----

async function begin() {
  // A screen is chosen for each time.
  if (!captured || captured.video.readyState === 'ended') {
    if (!await take()) return;
  }
  const published = publisher.start(new URL('whip', location).href, captured, settings.sending, settings.token);
  const awake = await navigator.wakeLock?.request('screen').catch(() => null);  // a phone would sleep
  published.finally(() => awake?.release());
}

// The browser goes on telling that a screen is shared until that is let go.
function stop() {
  publisher.stop();
  if (settings.source === 'screen') letGo();
  show();
}

async function changed({ target }) {
  const { name } = target;
  if (name === 'bitrate') return publisher.isActive && publisher.adjust(settings.sending);
  if (['token', 'codec', 'simulcast'].includes(name)) return null;
  if (!publisher.isActive) return showPreview();
  return settings.source === 'screen' ? publisher.adjust(settings.sending) : take();  // a screen would be asked for again
}

$('settings').addEventListener('submit', (event) => {
  event.preventDefault();
  if (publisher.isActive) stop();
  else begin();
});
$('settings').addEventListener('change', changed);
$('microphone-on').onclick = () => {
  microphone().enabled = !microphone().enabled;
  showMicrophone();
};
publisher.addEventListener('state', () => {
  show();
  if (publisher.state === 'refused' && [401, 403].includes(publisher.status)) $('token').focus();
});
navigator.mediaDevices?.addEventListener?.('devicechange', () => settings.listDevices());
window.addEventListener('pagehide', () => { stop(); letGo(); });
window.addEventListener('pageshow', ({ persisted }) => { if (persisted) showPreview(); });

// ---- start ----

$('path').textContent = path;
document.title = `${path} · publish`;
await settings.listDevices();
show();
showFigures();
setInterval(showFigures, REDRAW);
if (!navigator.mediaDevices && settings.source !== 'test') await take();  // says why it cannot be
else await showPreview();
