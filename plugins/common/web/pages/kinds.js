// SPDX-License-Identifier: LGPL-2.1-or-later
// What viewers call the kinds of outputs that the pages can play, and what ?play= calls them; the preferred one first.
export const KINDS = {
  whep: { name: 'WebRTC', play: 'webrtc' },
  hls: { name: 'LL-HLS', play: 'hls' },
};
