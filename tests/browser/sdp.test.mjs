// SPDX-License-Identifier: LGPL-2.1-or-later
// What a publisher changes in session descriptions, without a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fragmentOf, restartedAnswer, withParameters } from '../../plugins/common/web/pages/sdp.js';

const sdp = (...lines) => `${lines.join('\r\n')}\r\n`;
const ANSWER = sdp('v=0', 'a=group:BUNDLE 0 1',
  'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:0', 'a=ice-ufrag:old', 'a=ice-pwd:oldoldoldoldoldoldoldold', 'a=candidate:1 1 udp 1 10.0.0.1 8189 typ host',
  'a=end-of-candidates', 'a=rtpmap:96 VP8/90000', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:1', 'a=ice-ufrag:old',
  'a=ice-pwd:oldoldoldoldoldoldoldold', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;stereo=0;useinbandfec=1');

test('parameters are added to a codec\'s own, in place of those of the same name', () => {
  assert.match(withParameters(ANSWER, { opus: { stereo: 1, maxaveragebitrate: 128000 } }),
    /\r\na=fmtp:111 minptime=10;useinbandfec=1;stereo=1;maxaveragebitrate=128000\r\n/);
});

test('a codec without parameters gets a line for them behind its rtpmap', () => {
  assert.match(withParameters(ANSWER, { vp8: { a: 1 } }), /a=rtpmap:96 VP8\/90000\r\na=fmtp:96 a=1\r\nm=audio/);
});

test('other codecs stay as they are', () => assert.equal(withParameters(ANSWER, { h264: { a: 1 } }), ANSWER));

test('a fragment is the credentials, and the section they are of', () => {
  assert.equal(fragmentOf(ANSWER), sdp('a=group:BUNDLE 0 1', 'a=ice-ufrag:old', 'a=ice-pwd:oldoldoldoldoldoldoldold',
    'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:0'));
});

test('a restarted answer has the fragment\'s credentials in every section, and its candidates alone', () => {
  const fragment = sdp('a=ice-lite', 'm=video 9 UDP/TLS/RTP/SAVPF 0', 'a=mid:0', 'a=ice-ufrag:new', 'a=ice-pwd:newnewnewnewnewnewnewnew',
    'a=candidate:2 1 udp 1 10.0.0.2 8189 typ host');
  const answer = restartedAnswer(ANSWER, fragment);
  assert.doesNotMatch(answer, /old|10\.0\.0\.1/);
  assert.equal(answer.match(/a=ice-ufrag:new/g).length, 2);
  assert.equal(answer.match(/a=ice-pwd:newnew/g).length, 2);
  assert.match(answer, /a=mid:0\r\na=candidate:2 1 udp 1 10\.0\.0\.2 8189 typ host\r\n/);
  assert.match(answer, /m=audio.*\r\na=mid:1\r\na=ice-ufrag:new/);
});

test('a fragment without candidates leaves those that are known', () => {
  const answer = restartedAnswer(ANSWER, sdp('a=ice-ufrag:new', 'a=ice-pwd:newnewnewnewnewnewnewnew'));
  assert.match(answer, /a=candidate:1 /);
  assert.doesNotMatch(answer, /old/);
});
