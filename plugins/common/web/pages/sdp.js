// SPDX-License-Identifier: LGPL-2.1-or-later
// What a publisher changes in session descriptions, as text. Knows no connection.

const lines = (sdp) => sdp.split(/\r?\n/).filter(Boolean);
const text = (list) => `${list.join('\r\n')}\r\n`;

// `wanted`: the name of a codec in lower case → { parameter: value } that its a=fmtp is to have, or nothing.
export function withParameters(sdp, wanted) {
  const all = lines(sdp);
  for (const [, type, name] of [...sdp.matchAll(/^a=rtpmap:(\d+) ([^/\s]+)/gm)]) {
    const parameters = wanted[name.toLowerCase()];
    if (!parameters) continue;
    const at = all.findIndex((line) => line.startsWith(`a=fmtp:${type} `));
    const isKept = (parameter) => parameter && !(parameter.split('=')[0].trim() in parameters);
    const kept = at < 0 ? [] : all[at].slice(all[at].indexOf(' ') + 1).split(';').filter(isKept);
    const line = `a=fmtp:${type} ${[...kept, ...Object.entries(parameters).map((each) => each.join('='))].join(';')}`;
    if (at < 0) all.splice(all.findIndex((each) => each.startsWith(`a=rtpmap:${type} `)) + 1, 0, line);
    else all[at] = line;
  }
  return text(all);
}

// RFC 8840 section 9: what of an offer says how to reach its sender.
export function fragmentOf(offer) {
  const all = lines(offer);
  const first = all.findIndex((line) => line.startsWith('m='));
  const find = (start) => all.find((line) => line.startsWith(start));
  return text([find('a=group:BUNDLE'), find('a=ice-ufrag:'), find('a=ice-pwd:'), all[first], find('a=mid:')].filter(Boolean));
}

// The answer as it is after an ICE restart: the other side's fragment has its credentials and candidates.
export function restartedAnswer(answer, fragment) {
  const news = lines(fragment);
  const starts = ['a=ice-ufrag:', 'a=ice-pwd:'];
  const candidates = news.filter((line) => line.startsWith('a=candidate:'));
  const all = lines(answer).filter((line) => !candidates.length || !/^a=(candidate:|end-of-candidates)/.test(line))
    .map((line) => news.find((other) => starts.some((start) => line.startsWith(start) && other.startsWith(start))) ?? line);
  all.splice(all.findIndex((line) => line.startsWith('a=mid:')) + 1, 0, ...candidates);
  return text(all);
}
