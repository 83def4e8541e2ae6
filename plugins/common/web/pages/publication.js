// SPDX-License-Identifier: LGPL-2.1-or-later
// One WebRTC connection that sends: made by WHIP, its ICE restarted where the network changes, and over once it is lost.
// Knows neither where the tracks come from nor the page.
import { offeredCodecs } from './codecs.js';
import { fragmentOf, restartedAnswer, withParameters } from './sdp.js';
import { giveBack, publish, restart } from './signalling.js';

const CONNECT_WITHIN = 8000;   // ms from an answer to being connected
const SILENT_FOR = 3000;       // ms without the other side before ICE is restarted
const RESTART_WITHIN = 15000;  // ms in which the server must be reached again: it does not keep a session for ever
const RETRY = 1000;            // ms between attempts to reach it
const AUDIO_BITRATE = 128000;
const START_SHARE = 0.8;       // of the bitrate, to begin with: Chromium would with 300 kbit/s
const START_MOST = 4e6;
const BEGINS_FOR = 4000;       // ms after which its estimate of the network can be trusted

// Of a simulcast: how much smaller each layer is, and which part of the bitrate is its own.
const LAYERS = [{ smaller: 1, share: 1 }, { smaller: 2, share: 0.35 }, { smaller: 4, share: 0.12 }];

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
// Opus is one channel unless both sides say otherwise (RFC 7587 section 6.1).
const inStereo = (sdp) => withParameters(sdp, { opus: { useinbandfec: 1, stereo: 1, 'sprop-stereo': 1 } });

export class Publication extends EventTarget {
  state = 'connecting';  // then 'connected', 'restarting' and back, and 'over'
  wasConnected = false;
  #pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  #over = new AbortController();
  #video;
  #audio = null;
  #wishes;
  #token;
  #answer = '';
  #session = {};
  #timer = null;  // ends what takes too long
  #isBeginning = true;

  // tracks: { video, audio }, audio may be null. wishes: { bitrate, frameRate, codec, simulcast, keep }: what to keep when
  // there is not enough for all, as degradationPreference has it.
  constructor({ video, audio }, wishes, token) {
    super();
    this.#wishes = wishes;
    this.#token = token;
    const streams = [new MediaStream([video, audio].filter(Boolean))];
    this.#video = this.#pc.addTransceiver(video, { direction: 'sendonly', streams, sendEncodings: this.#encodings(video) });
    const codecs = offeredCodecs(wishes.codec);
    if (codecs.length) this.#video.setCodecPreferences?.(codecs);
    if (audio) this.#audio = this.#pc.addTransceiver(audio, { direction: 'sendonly', streams, sendEncodings: [{ maxBitrate: AUDIO_BITRATE }] });
    this.#pc.onconnectionstatechange = () => this.#follow(this.#pc.connectionState);
  }

  get over() { return this.#over.signal; }
  statistics() { return this.#pc.getStats(); }

  // Resolves once the server has answered; throws what publish() throws, and where it takes nothing of ours. It learns our
  // addresses from our checks, so the offer does not wait for candidates. Ours are gathered after the answer, which may
  // name servers to ask for more.
  async open(url) {
    await this.#prefer();
    const offer = { type: 'offer', sdp: inStereo((await this.#pc.createOffer()).sdp) };
    this.#session = await publish(url, offer.sdp, this.#token);
    if (this.over.aborted) return this.#giveBack();
    if (this.#session.iceServers.length) this.#useIceServers(this.#session.iceServers);
    await this.#pc.setLocalDescription(offer);
    this.#answer = this.#asToSend(this.#session.answer);
    await this.#pc.setRemoteDescription({ type: 'answer', sdp: this.#answer });
    if (this.#video.currentDirection !== 'sendonly') throw new Error('It does not take the video: try another codec.');
    this.#video.sender.transport.addEventListener('statechange', ({ target }) => this.#followTransport(target.state));
    if (this.state === 'connecting') this.#timer ??= setTimeout(() => this.close(), CONNECT_WITHIN);
  }

  // While it runs: another bitrate or frame rate.
  adjust(wishes) {
    this.#wishes = { ...this.#wishes, ...wishes };
    return this.#prefer();
  }

  // While it runs: other tracks. What had no sound cannot get any.
  async replace({ video, audio }, wishes) {
    await this.#video.sender.replaceTrack(video);
    if (audio) await this.#audio?.sender.replaceTrack(audio);
    await this.adjust(wishes);
  }

  // Resolves when the server knows.
  async close() {
    if (this.over.aborted) return;
    clearTimeout(this.#timer);
    this.#over.abort();
    // In this order: a closed connection says goodbye, after which the server has no session to be given back.
    const given = this.#giveBack();
    this.#enter('over');
    await given;
    this.#pc.close();
  }

  #enter(state) {
    if (state === this.state) return;
    this.state = state;
    this.wasConnected ||= state === 'connected';
    this.dispatchEvent(new Event('state'));
  }

  #encodings(video) {
    const { bitrate, frameRate, codec, simulcast } = this.#wishes;
    if (!simulcast) return [{ maxBitrate: bitrate, maxFramerate: frameRate }];
    const height = video.getSettings().height ?? 720;
    return LAYERS.map(({ smaller, share }) => ({
      rid: `${Math.round(height / smaller)}p`,
      scaleResolutionDownBy: smaller,
      maxBitrate: Math.round(bitrate * share),
      maxFramerate: frameRate,
      // Or else they would be layers of one stream.
      ...(codec === 'vp9' || codec === 'av1' ? { scalabilityMode: 'L1T1' } : {}),
    }));
  }

  async #prefer() {
    const { sender } = this.#video;
    const parameters = sender.getParameters();
    parameters.encodings.forEach((encoding, i) => {
      encoding.maxBitrate = Math.round(this.#wishes.bitrate * (parameters.encodings.length > 1 ? LAYERS[i].share : 1));
      encoding.maxFramerate = this.#wishes.frameRate;
    });
    // Chromium would halve the picture for the time in which it does not know the network yet.
    parameters.degradationPreference = this.#isBeginning ? 'maintain-resolution' : this.#wishes.keep;
    await sender.setParameters(parameters).catch(() => {});  // what a browser does not know, it does without
  }

  #begun() {
    this.#isBeginning = false;
    if (!this.over.aborted) this.#prefer();
  }

  // A server's mistake there is no reason not to try without.
  #useIceServers(iceServers) {
    try { this.#pc.setConfiguration({ ...this.#pc.getConfiguration(), iceServers }); } catch (error) { console.warn(error.message); }
  }

  // The answer's a=fmtp tell Chromium what to begin with.
  #asToSend(answer) {
    const start = { 'x-google-start-bitrate': Math.round(Math.min(this.#wishes.bitrate * START_SHARE, START_MOST) / 1000) };
    const opus = { stereo: 1, maxaveragebitrate: AUDIO_BITRATE };
    return withParameters(answer, { h264: start, h265: start, vp8: start, vp9: start, av1: start, opus });
  }

  #follow(state) {
    if (state === 'connected') {
      clearTimeout(this.#timer);
      if (!this.wasConnected) setTimeout(() => this.#begun(), BEGINS_FOR);
      this.#enter('connected');
    }
    if (state === 'disconnected') {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#restart(), SILENT_FOR);
    }
    if (state === 'failed') this.#restart();
    if (state === 'closed') this.close();
  }

  // A server that ends the session says so by DTLS.
  #followTransport(state) {
    if (state === 'closed' || state === 'failed') this.close();
  }

  // RFC 9725 section 4.3.2. The same session by another way through the network, the media goes on.
  async #restart() {
    if (this.over.aborted || this.state === 'restarting') return;
    clearTimeout(this.#timer);
    if (!this.#session.resource || !this.wasConnected) return this.close();
    this.#enter('restarting');
    const offer = await this.#pc.createOffer({ iceRestart: true });
    await this.#pc.setLocalDescription({ type: 'offer', sdp: inStereo(offer.sdp) });
    for (const deadline = performance.now() + RESTART_WITHIN; !this.over.aborted; await pause(RETRY)) {
      try {
        const { fragment, etag } = await restart(this.#session.resource, fragmentOf(this.#pc.localDescription.sdp), this.#token);
        this.#session.etag = etag;
        this.#answer = restartedAnswer(this.#answer, fragment);
        await this.#pc.setRemoteDescription({ type: 'answer', sdp: this.#answer });
        this.#timer = setTimeout(() => this.close(), CONNECT_WITHIN);
        if (this.#pc.connectionState === 'connected') this.#follow('connected');
        return;
      } catch (error) {
        // An answer of the server's is its last; without one, the network may still come back.
        if (!(error instanceof TypeError) || performance.now() > deadline) return this.close();
      }
    }
  }

  #giveBack() {
    const { resource } = this.#session;
    this.#session = {};
    return giveBack(resource, this.#token);
  }
}
