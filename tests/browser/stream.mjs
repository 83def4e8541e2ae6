// SPDX-License-Identifier: LGPL-2.1-or-later
// A live stream with the clock in its picture, served by millhlssink, by millwhepsink or by both in a process of its own,
// for the tests.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

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
// Returns { url, base, stop(), crash() } once the path can be played: stop() ends the stream as its publisher would,
// crash() leaves no time for that. `udp`: a free port, for WebRTC.
export function startStream({ path, port, partMs = 200, hls = true, udp }) {
  const at = `path=${path} listen=127.0.0.1:${port}`;
  const description = [];
  if (hls) description.push(`millhlssink name=hls ${at} part-duration=${partMs * 1e6}`, ...BY_HLS);
  if (udp) description.push(`millwhepsink name=rtc ${at} udp-listen=127.0.0.1:${udp}`, ...BY_WEBRTC);
  return serve([process.env.MILLRACE_CLOCK_SOURCE, ...description], port, `${path}/${hls ? 'index.m3u8' : 'outputs.json'}`, path);
}

// What a ladder makes of one picture: each rendition from the same frames, key frames in the same places.
const RUNGS = [
  { name: '360p', width: 640, height: 360, bitrate: 2800 },
  { name: '270p', width: 480, height: 270, bitrate: 1000 },
  { name: '180p', width: 320, height: 180, bitrate: 400 },
];

// The same in three renditions by HLS. `noise`: a picture that really takes their bit rates. turn() makes the second
// one pause, and go on.
export function startLadder({ path, port, noise = false }) {
  const [best, ...others] = RUNGS;
  const named = RUNGS.map(({ name, bitrate }, i) => `video_${i}::rendition=${name} video_${i}::bitrate=${bitrate * 1000}`);
  const description = [`millhlssink name=hls path=${path} listen=127.0.0.1:${port} ${named.join(' ')}`, ...BY_HLS];
  for (const [i, { width, height, bitrate }] of others.entries()) {
    description.push(`picture. ! queue ! videoscale ! video/x-raw,width=${width},height=${height}`
      + ` ! x264enc tune=zerolatency speed-preset=ultrafast threads=1 bitrate=${bitrate} vbv-buf-capacity=500 key-int-max=30`
      + ` option-string=scenecut=0 ! h264parse${i === 0 ? ' ! valve name=valve' : ''} ! hls.video_${i + 1}`);
  }
  const options = [`--width=${best.width}`, `--height=${best.height}`, `--bitrate=${best.bitrate}`, ...(noise ? ['--noise'] : [])];
  return serve([process.env.MILLRACE_CLOCK_SOURCE, ...options, ...description], port, `${path}/index.m3u8`, path);
}

// A ladder by WebRTC, made by millladder of a picture that takes 4 Mbit/s: as it is, and in two smaller renditions.
// `within`: the words that run a program where `server` is its address.
export function startWebRtcLadder({ path, port, server, within }) {
  const description = [
    `millwhepsink name=rtc path=${path} listen=${server}:${port} udp-listen=${server}:0`,
    'millladder name=ladder renditions=copy,270p@2500k,180p@600k', 'video. ! queue ! h264parse ! ladder.video_0',
    ...[0, 1, 2].map((n) => `ladder.video_${n} ! queue ! rtc.video_${n}`), 'audio. ! queue ! rtc.audio_0',
  ];
  const options = ['--width=640', '--height=360', '--bitrate=4000', '--noise'];
  return serve([...within, process.env.MILLRACE_CLOCK_SOURCE, ...options, ...description], port, `${path}/outputs.json`, path, server);
}

// Whoever publishes the path by WHIP, by WebRTC and, where wanted, by HLS. `layers`: those of a simulcast; `advertise`:
// where publishers are told to send; `token`: what they must know; `server` and `within` as above.
export function startPublished({ path, port, udp, hls = true, layers = 1, advertise, token, partMs = 200, server = '127.0.0.1', within = [] }) {
  const at = `path=${path} listen=${server}:${port}`, media = `udp-listen=${server}:${udp}`;
  const line = [`millwhipsrc name=in ${at} ${media}${advertise ? ` advertise=${advertise}` : ''}`, `millwhepsink name=rtc ${at} ${media}`,
    'in.video_0 ! queue ! tee name=video ! queue ! rtc.video_0', 'in.audio_0 ! queue ! tee name=audio ! queue ! rtc.audio_0'];
  for (let layer = 1; layer < layers; layer++) line.push(`in.video_${layer} ! queue ! rtc.video_${layer}`);
  if (hls) line.push(`millhlssink name=hls ${at} part-duration=${partMs * 1e6}`, 'video. ! queue ! hls.video_0', 'audio. ! queue ! hls.audio_0');
  const gate = fileURLToPath(new URL('../support/token_gate.py', import.meta.url));
  const runner = token ? ['/usr/bin/python3', gate, token] : ['gst-launch-1.0', '-q', '-e'];
  return serve([...within, ...runner, ...line.join(' ').split(' ')], port, `${path}/publish`, path, server);
}

// One of the pipeline files, by the launcher, for whoever publishes one of its paths.
export async function startPipelineFile({ name, path, port, udp }) {
  const file = fileURLToPath(new URL(`../../pipelines/${name}.yaml`, import.meta.url));
  const ports = { HTTP: port, WEBRTC: udp, RTMP: await freePort() };
  const settings = Object.entries(ports).map(([protocol, at]) => `${protocol}=127.0.0.1:${at}`);
  return serve(['env', ...settings, process.env.MILLRACE, 'run', file], port, 'healthz', path);
}

// A test picture by WebRTC alone, without a clock in it: `encode` is what makes an elementary stream of it.
export function startPicture({ path, port, encode }) {
  const line = `videotestsrc is-live=true ! video/x-raw,width=640,height=360,framerate=30/1 ! ${encode}`
    + ` ! millwhepsink path=${path} listen=127.0.0.1:${port} udp-listen=127.0.0.1:0`;
  return serve(['gst-launch-1.0', '-q', '-e', ...line.split(' ')], port, `${path}/outputs.json`, path);
}

async function serve([program, ...options], port, sign, path, server = '127.0.0.1') {
  const source = spawn(program, options, { stdio: ['ignore', 2, 2] });
  const ended = new Promise((end) => source.once('exit', end));
  const base = `http://${server}:${port}`;
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
  const turn = () => source.kill('SIGUSR1');
  for (const deadline = Date.now() + DEADLINE; Date.now() < deadline; await new Promise((next) => setTimeout(next, 50))) {
    if (source.exitCode !== null) throw new Error(`${program} ended with ${source.exitCode}`);
    const ready = await fetch(`${base}/${sign}`).catch(() => null);
    if (ready?.ok) return { url: `${base}/${path}/`, base, stop, crash, turn };
  }
  source.kill('SIGKILL');
  throw new Error(`${path} cannot be played in time`);
}
