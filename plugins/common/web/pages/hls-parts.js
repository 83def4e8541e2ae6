// SPDX-License-Identifier: LGPL-2.1-or-later
// Works round a weakness of hls.js 1.7.4, and can go when hls.js can do without. When it fetches several parts in a row
// while playlists come in, it forgets that it has some of them. It then reaches the end of their segment, finds the
// buffer ending a microsecond before it (browsers count in whole microseconds), takes the segment for the one to load
// next, finds that loaded, and loads nothing more until playback has drained. What is buffered and comes before a loaded
// part of its segment is loaded too; of a segment that was never begun, such as another rendition's, nothing is said.

const ROUNDING = 0.002;  // s between a playlist's times and the buffer's

// details: of the playlist just updated; kind: 'video' or 'audio'; buffered: the TimeRanges of the <video>.
export function markBufferedParts(details, kind, buffered) {
  const parts = details.partList ?? [];
  for (const [i, part] of parts.entries()) {
    const begun = parts.slice(i + 1).some((later) => later.loaded && later.fragment.sn === part.fragment.sn);
    if (part.loaded || !begun || !covers(buffered, part.start, part.end)) continue;
    part.elementaryStreams[kind] = { startPTS: part.start, endPTS: part.end, startDTS: part.start, endDTS: part.end };
  }
}

function covers(buffered, start, end) {
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= start + ROUNDING && end - ROUNDING <= buffered.end(i)) return true;
  }
  return false;
}
