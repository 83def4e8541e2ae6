// SPDX-License-Identifier: LGPL-2.1-or-later
// The video codecs that this browser can send. H.264 comes first: every player of HLS has it.

export const CODECS = { h264: 'H.264', vp9: 'VP9', av1: 'AV1', vp8: 'VP8', h265: 'H.265' };

const nameOf = ({ mimeType }) => mimeType.slice('video/'.length).toLowerCase();
const capabilities = () => window.RTCRtpSender?.getCapabilities?.('video')?.codecs ?? [];

// RFC 6184: without packetization-mode=1 a slice must fit into a packet.
const isFragmented = ({ sdpFmtpLine = '' }) => !sdpFmtpLine.includes('packetization-mode=0');

// Names, as CODECS has them.
export function sendableCodecs() {
  const names = new Set(capabilities().map(nameOf));
  return Object.keys(CODECS).filter((name) => names.has(name));
}

// What to offer, for setCodecPreferences(): the chosen codec alone, or all, and how lost packets are sent again.
export function offeredCodecs(chosen) {
  const names = chosen ? [chosen] : sendableCodecs();
  const all = capabilities();
  const offered = names.flatMap((name) => all.filter((codec) => nameOf(codec) === name)
    .sort((a, b) => isFragmented(b) - isFragmented(a)));
  return [...offered, ...all.filter((codec) => nameOf(codec) === 'rtx')];
}
