// SPDX-License-Identifier: LGPL-2.1-or-later
// What a WebRTC connection receives, measured: its statistics (W3C webrtc-stats) in the page's terms. Changes nothing.

// ms from 1900 to 1970. Chromium counts playout times in NTP's years, the specification does in Unix's.
const NTP_EPOCH = 2208988800000;
const fromNtp = (ms) => (ms > NTP_EPOCH ? ms - NTP_EPOCH : ms);

export class Reception {
  bytes = 0;      // so far, of all tracks
  delay = null;   // ms
  fromCapture = false;  // whether `delay` begins at the capture, or else where the packets leave the server
  figures = {};
  #last = {};

  constructor(server) {
    this.server = server;
  }

  // statistics: of RTCPeerConnection.getStats(), later each time.
  update(statistics) {
    const all = [...statistics.values()];
    const received = all.filter(({ type }) => type === 'inbound-rtp');
    const main = received.find(({ kind }) => kind === 'video') ?? received[0];
    if (!main) return;
    const transport = all.find(({ type }) => type === 'transport');
    const pair = statistics.get(transport?.selectedCandidatePairId)
      ?? all.find(({ type, nominated }) => type === 'candidate-pair' && nominated);
    const roundTrip = pair?.currentRoundTripTime ?? null;
    const jitterBuffer = this.#average(main, 'jitterBufferDelay', 'jitterBufferEmittedCount');
    const decoding = this.#average(main, 'totalDecodeTime', 'framesDecoded');
    this.#last = main;
    this.bytes = received.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
    this.figures = {
      jitterBuffer, decoding, roundTrip,
      freezes: main.freezeCount ?? null,
      lost: received.reduce((sum, { packetsLost }) => sum + Math.max(0, packetsLost ?? 0), 0),
    };
    this.#updateDelay(main, [jitterBuffer, decoding, roundTrip / 2]);
  }

  // With sender reports the browser knows when, by the server's clock, what it plays was captured.
  #updateDelay({ estimatedPlayoutTimestamp: captured, timestamp }, parts) {
    this.fromCapture = Boolean(captured);
    if (captured) this.delay = this.server.timeAt(timestamp - performance.timeOrigin) - fromNtp(captured);
    else this.delay = parts[0] === null ? null : parts.reduce((sum, part) => sum + part * 1000, 0);
  }

  // Of what came since the last update; null where nothing did.
  #average(now, total, count) {
    const units = now[count] - (this.#last[count] ?? 0);
    return units > 0 ? (now[total] - (this.#last[total] ?? 0)) / units : null;
  }
}
