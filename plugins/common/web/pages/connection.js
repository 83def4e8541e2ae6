// SPDX-License-Identifier: LGPL-2.1-or-later
// One WebRTC connection that receives: made by WHEP, and over once it is lost. Neither shows nor measures what comes.
import { giveBack, subscribe } from './signalling.js';

const CONNECT_WITHIN = 5000;   // ms from the answer to being connected
const SILENT_FOR = 3000;        // ms after which a new connection is quicker than waiting for this one

// Without it libwebrtc decodes Opus to one channel.
const inStereo = (sdp) => sdp.replace('useinbandfec=1', 'useinbandfec=1;stereo=1');

export class Connection {
  stream = new MediaStream();
  renditions = [];  // that there are to ask for
  wasConnected = false;
  #pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  #over = new AbortController();
  #resource = null;
  #timer = null;  // ends what takes too long

  constructor() {
    for (const kind of ['video', 'audio']) this.#pc.addTransceiver(kind, { direction: 'recvonly' });
    this.#pc.ontrack = ({ track }) => this.stream.addTrack(track);
    this.#pc.onconnectionstatechange = () => this.#follow(this.#pc.connectionState);
    window.addEventListener('pagehide', () => this.close(), { signal: this.over });
  }

  get over() { return this.#over.signal; }
  statistics() { return this.#pc.getStats(); }

  // Resolves once media may come; throws what subscribe() throws, and when the answer has nothing for us. The server
  // learns our addresses from our checks, so the offer does not wait for candidates.
  async open(url) {
    const { sdp } = await this.#pc.createOffer();
    const offer = inStereo(sdp);
    await this.#pc.setLocalDescription({ type: 'offer', sdp: offer });
    const { answer, resource, renditions } = await subscribe(url, offer);
    this.#resource = resource;
    this.renditions = renditions;
    if (this.over.aborted) return this.#giveBack();
    await this.#pc.setRemoteDescription({ type: 'answer', sdp: answer });
    if (!this.stream.getTracks().length) throw new Error('It has nothing that this browser can decode.');
    this.#pc.getReceivers()[0].transport?.addEventListener('statechange', ({ target }) => this.#follow(target.state));
    this.#timer ??= setTimeout(() => this.close(), CONNECT_WITHIN);
  }

  close() {
    if (this.over.aborted) return;
    clearTimeout(this.#timer);
    this.#over.abort();
    // In this order: a closed connection says goodbye, after which the server has no session to be given back.
    this.#giveBack().finally(() => this.#pc.close());
  }

  #giveBack() {
    const resource = this.#resource;
    this.#resource = null;
    return giveBack(resource);
  }

  // Of the whole connection, or of its DTLS, which a server that ends the session closes.
  #follow(state) {
    if (state === 'connected' || state === 'disconnected') clearTimeout(this.#timer);
    if (state === 'connected') this.wasConnected = true;
    if (state === 'disconnected') this.#timer = setTimeout(() => this.close(), SILENT_FOR);
    if (state === 'failed' || state === 'closed') this.close();
  }
}
