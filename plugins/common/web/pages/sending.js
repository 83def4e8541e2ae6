// SPDX-License-Identifier: LGPL-2.1-or-later
// What a WebRTC connection sends, measured and put into words: its statistics (W3C webrtc-stats) in the page's terms.
// Changes nothing.

const LIMITS = { none: 'nothing', cpu: 'this machine', bandwidth: 'the network', other: 'the browser' };

const megabits = (rate) => `${(rate / 1e6).toFixed(rate < 1e6 ? 2 : 1)} Mbit/s`;
const milliseconds = (s) => `${Math.round(s * 1000)} ms`;
const known = (value) => value !== null && value !== undefined && !Number.isNaN(value);

// figure → how it reads. What is not known is a dash.
const WORDS = {
  resolution: String,
  frameRate: (rate) => `${Math.round(rate)} pictures a second`,
  bitrate: megabits,
  room: (rate) => `room for ${megabits(rate)}`,
  roundTrip: milliseconds,
  lost: String,
  lostShare: (share) => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} % just now`,
  codec: String,
  layers: (count) => (count > 1 ? `${count} layers` : 'one layer'),
  limit: (reason) => LIMITS[reason] ?? reason,
  encoding: (s) => `${milliseconds(s)} to encode`,
};

export class Sending {
  #last = null;  // the sums of the last update

  // statistics: of RTCPeerConnection.getStats(), later each time; null starts anew. Every figure as { value, text }.
  read(statistics) {
    const values = statistics ? this.#values([...statistics.values()], statistics) : {};
    if (!statistics) this.#last = null;
    return Object.fromEntries(Object.entries(WORDS).map(([name, write]) => {
      const value = known(values[name]) ? values[name] : null;
      return [name, { value, text: value === null ? '–' : write(value) }];
    }));
  }

  #values(all, statistics) {
    const sent = all.filter(({ type }) => type === 'outbound-rtp');
    const layers = sent.filter(({ kind, active, frameWidth }) => kind === 'video' && active !== false && frameWidth)
      .sort((a, b) => b.frameWidth - a.frameWidth);
    const [best] = layers;
    const heard = all.filter(({ type }) => type === 'remote-inbound-rtp');
    const transport = all.find(({ type }) => type === 'transport');
    const pair = statistics.get(transport?.selectedCandidatePairId);
    const sum = (list, name) => list.reduce((total, each) => total + Math.max(0, each[name] ?? 0), 0);
    const now = {
      at: sent[0]?.timestamp, best: best?.id, bytes: sum(sent, 'bytesSent') + sum(sent, 'headerBytesSent'), packets: sum(sent, 'packetsSent'),
      lost: sum(heard, 'packetsLost'), encoded: best?.framesEncoded ?? 0, encoding: best?.totalEncodeTime ?? 0,
    };
    const last = this.#last;
    this.#last = now;
    const ratio = (over, under) => (last && last.best === now.best && now[under] > last[under] ? (now[over] - last[over]) / (now[under] - last[under]) : null);
    return {
      resolution: best ? `${best.frameWidth} × ${best.frameHeight}` : null,
      frameRate: best?.framesPerSecond,
      bitrate: last && now.at > last.at ? (now.bytes - last.bytes) * 8000 / (now.at - last.at) : null,
      room: pair?.availableOutgoingBitrate,
      roundTrip: heard.find(({ kind }) => kind === 'video')?.roundTripTime ?? pair?.currentRoundTripTime,
      lost: heard.length ? now.lost : null,
      lostShare: heard.length ? Math.max(0, ratio('lost', 'packets') ?? 0) : null,
      codec: statistics.get(best?.codecId)?.mimeType.slice('video/'.length),
      layers: layers.length || null,
      limit: best?.qualityLimitationReason,
      encoding: ratio('encoding', 'encoded'),
    };
  }
}
