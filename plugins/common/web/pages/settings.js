// SPDX-License-Identifier: LGPL-2.1-or-later
// The form of the publish page: what its fields say, which of them make sense, and what is remembered of them. Captures
// and sends nothing.
import { CODECS, sendableCodecs } from './codecs.js';

const REMEMBERED = ['source', 'camera', 'microphone', 'sound', 'height', 'frameRate', 'codec', 'simulcast'];
const BITRATES = { 360: 1, 720: 2.5, 1080: 4.5 };  // Mbit/s, with 30 pictures a second
const FAST = 1.5;                                  // as much of it with 60
const KEEP = { camera: 'maintain-framerate', screen: 'maintain-resolution', test: 'maintain-framerate' };

const option = (value, text) => Object.assign(document.createElement('option'), { value, textContent: text });

function stored(storage, key) { try { return storage().getItem(key); } catch { return null; } }
function store(storage, key, value) { try { storage().setItem(key, value); } catch { /* private mode: forgotten */ } }
const forLong = () => localStorage, forThisTab = () => sessionStorage;

export class Settings {
  #fields;
  #ownBitrate = false;  // chosen by hand

  // source: what the URL says, or null.
  constructor(form, source) {
    this.form = form;
    this.#fields = form.elements;
    const codecs = sendableCodecs();
    const first = codecs.length ? `Automatic, ${CODECS[codecs[0]]} first` : 'Automatic';
    this.#fields.codec.append(option('', first), ...codecs.map((name) => option(name, CODECS[name])));
    this.#recall();
    if (source) this.#fields.source.value = source;
    this.#fields.token.value = stored(forThisTab, 'token') ?? '';
    form.addEventListener('input', ({ target }) => this.#changed(target.name));
    this.#changed('source');
  }

  get source() { return this.#fields.source.value; }
  get token() { return this.#fields.token.value.trim(); }

  // For capture().
  get capture() {
    const { camera, sound, microphone, height, frameRate } = this.#fields;
    return {
      source: this.source, camera: camera.value, microphone: sound.checked ? microphone.value : null,
      height: Number(height.value), frameRate: Number(frameRate.value),
    };
  }

  // For Publisher.
  get sending() {
    const { bitrate, frameRate, codec, simulcast } = this.#fields;
    return {
      bitrate: Number(bitrate.value) * 1e6, frameRate: Number(frameRate.value), codec: codec.value, simulcast: simulcast.checked,
      keep: KEEP[this.source],
    };
  }

  // Their names are known only once the permission is given.
  async listDevices() {
    const devices = await navigator.mediaDevices?.enumerateDevices?.() ?? [];
    for (const [field, kind, any] of [['camera', 'videoinput', 'Any camera'], ['microphone', 'audioinput', 'Any microphone']]) {
      const select = this.#fields[field];
      const named = devices.filter((device) => device.kind === kind && device.deviceId);
      const chosen = select.value || this.#recalled[field] || '';
      select.replaceChildren(...(named.length ? [] : [option('', any)]), ...named.map(({ deviceId, label }, i) => option(deviceId, label || `${any.slice(4)} ${i + 1}`)));
      if (named.some(({ deviceId }) => deviceId === chosen)) select.value = chosen;
    }
  }

  // Larger pictures than the device has are not offered. Undefined where it does not say.
  offerHeights(most) {
    const { height } = this.#fields;
    for (const each of height.options) each.disabled = Number(each.value) > (most ?? Infinity) && each !== height.options[0];
  }

  // While it is live, what was agreed with the server stays.
  lock(live, hasSound) {
    const { source, codec, simulcast, token, sound } = this.#fields;
    for (const field of [...source, codec, simulcast, token]) field.disabled = live;
    sound.disabled = live;
    if (live) this.#fields.microphone.disabled = !hasSound || this.source === 'screen';
    else this.#changed('sound');
  }

  #changed(name) {
    const { bitrate, height, frameRate, sound, microphone } = this.#fields;
    if (name === 'bitrate') this.#ownBitrate = true;
    if (!this.#ownBitrate) bitrate.value = BITRATES[height.value] * (frameRate.value === '60' ? FAST : 1);
    this.form.querySelector('#bitrate-said').textContent = `${bitrate.value} Mbit/s`;
    microphone.disabled = !sound.checked;
    for (const row of this.form.querySelectorAll('[data-source]')) row.hidden = !row.dataset.source.split(' ').includes(this.source);
    if (name === 'token') store(forThisTab, 'token', this.token);
    this.#remember();
  }

  #recalled = {};
  #recall() {
    try { this.#recalled = JSON.parse(stored(forLong, 'publish')) ?? {}; } catch { /* not ours */ }
    for (const name of REMEMBERED) {
      const field = this.#fields[name], value = this.#recalled[name];
      if (value === undefined) continue;
      if (field.type === 'checkbox') field.checked = value;
      else if (name === 'source' || [...field.options].some((each) => each.value === value)) field.value = value;
    }
    if (this.#recalled.bitrate) [this.#fields.bitrate.value, this.#ownBitrate] = [this.#recalled.bitrate, true];
    if (!this.source) this.#fields.source.value = 'camera';
  }

  #remember() {
    const now = REMEMBERED.map((name) => {
      const field = this.#fields[name];
      return [name, field.type === 'checkbox' ? field.checked : field.value || this.#recalled[name]];
    });
    this.#recalled = { ...Object.fromEntries(now), ...(this.#ownBitrate ? { bitrate: this.#fields.bitrate.value } : {}) };
    this.#recalled.codec = this.#fields.codec.value;
    store(forLong, 'publish', JSON.stringify(this.#recalled));
  }
}
