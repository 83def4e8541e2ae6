// SPDX-License-Identifier: LGPL-2.1-or-later
// A live stream with the clock in its picture, served by millhlssink in a process of its own, for the tests.
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

const AS_IT_IS = 'video. ! queue ! h264parse ! hls.video_0';
const SMALLER = 'video. ! queue ! avdec_h264 ! videoscale ! video/x-raw,width=640,height=360'
  + ' ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=400 key-int-max=30 ! h264parse ! hls.video_1';

// Returns { url, base, stop(), crash() } once the path has its playlist: stop() ends the stream as its publisher would,
// crash() leaves no time for that. `ladder`: with a second, smaller rendition.
export async function startStream({ path, port, partMs = 200, ladder = false }) {
  const videos = ladder ? [AS_IT_IS, SMALLER] : [AS_IT_IS];
  const sink = `millhlssink name=hls path=${path} listen=127.0.0.1:${port} part-duration=${partMs * 1e6}`;
  const source = spawn(process.env.MILLRACE_CLOCK_SOURCE, [sink, ...videos, 'audio. ! queue ! hls.audio_0'], { stdio: ['ignore', 2, 2] });
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
    if (source.exitCode !== null) throw new Error(`clock_source ended with ${source.exitCode}`);
    const playlist = await fetch(`${base}/${path}/index.m3u8`).catch(() => null);
    if (playlist?.ok) return { url: `${base}/${path}/`, base, stop, crash };
  }
  source.kill('SIGKILL');
  throw new Error(`no playlist of ${path} in time`);
}
