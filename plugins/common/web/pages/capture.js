// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the tracks to publish come from: a camera, a screen or the test picture, and a microphone. Says in plain words
// why one cannot be had. Knows no connection.
import { testPicture } from './test-picture.js';

const WIDE = 16 / 9;

// Nothing is played here that a microphone could hear, and cancelling echo costs the second channel.
const MICROPHONE = { echoCancellation: false, noiseSuppression: true, autoGainControl: true };
const SYSTEM_SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

// What cannot be captured, for people to read: a title, and what to do in `detail`.
export class Obstacle extends Error {
  constructor(title, detail) {
    super(title);
    this.detail = detail;
  }
}

export async function hasDevice(kind) {
  const devices = await navigator.mediaDevices?.enumerateDevices?.() ?? [];
  return devices.some((device) => device.kind === kind);
}

// wishes: { source, camera, microphone, height, frameRate }; `microphone` is a device's id, '' for any, null for none.
// Resolves with { video, audio, microphone, stop() }: tracks, the microphone's being what can be muted; all but the video
// may be null. Throws an Obstacle.
export async function capture(wishes) {
  if (wishes.source === 'test') return testPicture(wishes);
  if (!navigator.mediaDevices) throw insecure();
  try {
    return wishes.source === 'screen' ? await captureScreen(wishes) : await captureCamera(wishes);
  } catch (error) {
    throw obstacleOf(error, wishes.source);
  }
}

async function captureCamera({ camera, microphone, height, frameRate }) {
  const wantsSound = microphone !== null && await hasDevice('audioinput');
  const stream = await navigator.mediaDevices.getUserMedia({
    video: {
      ...(camera ? { deviceId: { ideal: camera } } : {}),
      width: { ideal: Math.round(height * WIDE) }, height: { ideal: height }, frameRate: { ideal: frameRate },
    },
    audio: wantsSound && microphoneConstraints(microphone),
  });
  const [video] = stream.getVideoTracks(), [audio = null] = stream.getAudioTracks();
  video.contentHint = 'motion';
  return { video, audio, microphone: audio, stop: () => stopAll([video, audio]) };
}

async function captureScreen({ microphone, height, frameRate }) {
  if (!navigator.mediaDevices.getDisplayMedia) {
    throw new Obstacle('This browser cannot capture the screen', 'Phones mostly cannot; a computer\'s browser can.');
  }
  const screen = await navigator.mediaDevices.getDisplayMedia({
    video: { width: { max: Math.round(height * WIDE) }, height: { max: height }, frameRate: { ideal: frameRate } },
    audio: SYSTEM_SOUND,
    systemAudio: 'include',
  });
  const [video] = screen.getVideoTracks(), [ofSystem = null] = screen.getAudioTracks();
  video.contentHint = 'detail';
  try {
    const ofMicrophone = microphone !== null && await hasDevice('audioinput')
      ? (await navigator.mediaDevices.getUserMedia({ audio: microphoneConstraints(microphone) })).getAudioTracks()[0] : null;
    const mixed = ofSystem && ofMicrophone ? mix([ofSystem, ofMicrophone]) : null;
    const stop = () => { stopAll([video, ofSystem, ofMicrophone]); mixed?.stop(); };
    return { video, audio: mixed?.track ?? ofSystem ?? ofMicrophone, microphone: ofMicrophone, stop };
  } catch (error) {
    stopAll([video, ofSystem]);
    throw error.name === 'NotAllowedError' ? notAllowed('microphone') : error;
  }
}

const microphoneConstraints = (id) => ({ ...MICROPHONE, ...(id ? { deviceId: { ideal: id } } : {}) });

function stopAll(tracks) {
  for (const track of tracks) track?.stop();
}

function mix(tracks) {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  for (const track of tracks) context.createMediaStreamSource(new MediaStream([track])).connect(out);
  return { track: out.stream.getAudioTracks()[0], stop: () => context.close() };
}

// ---- words ----

function insecure() {
  const { host } = location;
  return new Obstacle('The browser gives no camera or screen to this page',
    `It does so only by https or from localhost, and this is http://${host}. Open the page by https, or on the server's own machine by http://localhost. The test picture works from here.`);
}

function notAllowed(source) {
  if (source === 'screen') {
    return new Obstacle('No screen was chosen', 'Start again and choose a screen, a window or a tab. On macOS the browser also needs the permission to record the screen, in the system\'s settings.');
  }
  const what = source === 'microphone' ? 'microphone' : 'camera or the microphone';
  return new Obstacle(`The ${what} may not be used`,
    'Allow it by the symbol in the browser\'s address bar, then try again. The system\'s privacy settings may forbid it to the whole browser, too.');
}

// W3C mediacapture-streams section 10.2, getUserMedia() and its errors.
function obstacleOf(error, source) {
  if (error instanceof Obstacle) return error;
  switch (error.name) {
    case 'NotAllowedError': return notAllowed(source);
    case 'SecurityError': return insecure();
    case 'NotFoundError': return source === 'screen'
      ? new Obstacle('There is no screen to capture', '')
      : new Obstacle('No camera was found', 'Connect one and try again. The screen or the test picture can be published without one.');
    case 'NotReadableError': case 'AbortError':
      return new Obstacle(`The ${source === 'screen' ? 'screen' : 'camera or the microphone'} cannot be used now`,
        'Another program may be using it. Close that and try again.');
    case 'OverconstrainedError':
      return new Obstacle('The device cannot do that', 'Choose another device, resolution or frame rate.');
    default: return new Obstacle('Nothing can be captured', error.message);
  }
}
