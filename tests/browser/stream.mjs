// SPDX-License-Identifier: LGPL-2.1-or-later
// A live stream with the clock in its picture, served by millhlssink in a process of its own, for the tests.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const DEADLINE = 20000;  // ms for the stream to be listed, and for its process to end

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

// Returns { url, stop() } once the path is listed. `rungs`: how many video renditions.
export async function startStream({ path, port, partMs = 200, rungs = 1 }) {
  const videos = Array.from({ length: rungs }, (_, i) => `video. ! queue ! h264parse ! hls.video_${i}`);
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
  for (const deadline = Date.now() + DEADLINE; Date.now() < deadline; await new Promise((next) => setTimeout(next, 50))) {
    if (source.exitCode !== null) throw new Error(`clock_source ended with ${source.exitCode}`);
    const playlist = await fetch(`${base}/${path}/index.m3u8`).catch(() => null);
    if (playlist?.ok) return { url: `${base}/${path}/`, base, stop };
  }
  source.kill('SIGKILL');
  throw new Error(`no playlist of ${path} in time`);
}
