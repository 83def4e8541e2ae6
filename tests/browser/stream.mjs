// SPDX-License-Identifier: LGPL-2.1-or-later
// A live stream with the clock in its picture, served by millhlssink, by millwhepsink or by both in a process of its own,
// for the tests.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const DEADLINE = 60000;  // ms for the stream to be listed, and for its process to end

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

const BY_HLS = ['video. ! queue ! h264parse ! hls.video_0', 'audio. ! queue ! hls.audio_0'];
const BY_WEBRTC = ['video. ! queue ! h264parse ! rtc.video_0', 'audio. ! queue ! rtc.audio_0'];
const SMALLER = 'video. ! queue ! avdec_h264 ! videoscale ! video/x-raw,width=640,height=360'
  + ' ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=400 key-int-max=30 ! h264parse ! hls.video_1';

// Returns { url, base, stop(), crash() } once the path can be played: stop() ends the stream as its publisher would,
// crash() leaves no time for that. `ladder`: with a second, smaller rendition. `udp`: a free port, for WebRTC.
export function startStream({ path, port, partMs = 200, ladder = false, hls = true, udp }) {
  const at = `path=${path} listen=127.0.0.1:${port}`;
  const description = [];
  if (hls) description.push(`millhlssink name=hls ${at} part-duration=${partMs * 1e6}`, ...BY_HLS);
  if (ladder) description.push(SMALLER);
  if (udp) description.push(`millwhepsink name=rtc ${at} udp-listen=127.0.0.1:${udp}`, ...BY_WEBRTC);
  return serve([process.env.MILLRACE_CLOCK_SOURCE, ...description], port, `${path}/${hls ? 'index.m3u8' : 'outputs.json'}`, path);
}

// The same of a test picture by WebRTC alone, without a clock in it: `encode` is what makes an elementary stream of it.
export function startPicture({ path, port, encode }) {
  const line = `videotestsrc is-live=true ! video/x-raw,width=640,height=360,framerate=30/1 ! ${encode}`
    + ` ! millwhepsink path=${path} listen=127.0.0.1:${port} udp-listen=127.0.0.1:0`;
  return serve(['gst-launch-1.0', '-q', '-e', ...line.split(' ')], port, `${path}/outputs.json`, path);
}

async function serve([program, ...options], port, sign, path) {
  const source = spawn(program, options, { stdio: ['ignore', 2, 2] });
  const ended = new Promise((end) => source.once('exit', end));
  const base = `http://127.0.0.1:${port}`;
  const stop = async () => {
    const timer = setTimeout(() => source.kill('SIGKILL'), DEADLINE);
    source.kill('SIGINT');
    await ended;
    clearTimeout(timer);
    if (source.signalCode === 'SIGKILL') throw new Error('the stream did not end when interrupted');
  };
  const crash = async () => {
    source.kill('SIGKILL');
    await ended;
  };
  for (const deadline = Date.now() + DEADLINE; Date.now() < deadline; await new Promise((next) => setTimeout(next, 50))) {
    if (source.exitCode !== null) throw new Error(`${program} ended with ${source.exitCode}`);
    const ready = await fetch(`${base}/${sign}`).catch(() => null);
    if (ready?.ok) return { url: `${base}/${path}/`, base, stop, crash };
  }
  source.kill('SIGKILL');
  throw new Error(`${path} cannot be played in time`);
}
