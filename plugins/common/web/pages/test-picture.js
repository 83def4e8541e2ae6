// SPDX-License-Identifier: LGPL-2.1-or-later
// A picture and a tone to publish without a camera: what time it is, for people and, as squares, for programs
// (tests/support/player_probe/picture_clock.js reads them). Asks for no permission.

const COLUMNS = 16, SQUARES_PER_WIDTH = 32, SYNC = 0xa5;
const BARS = ['#c8c8c8', '#c8c800', '#00c8c8', '#00c800', '#c800c8', '#c80000', '#0000c8'];
const PITCH = 440, LOUDNESS = 0.1;

function crc8(value) {
  let crc = 0xff;
  for (let bit = 31; bit >= 0; bit--) {
    const carry = crc >>> 7 ^ (value >>> bit & 1);
    crc = crc << 1 & 0xff ^ (carry ? 0x07 : 0);
  }
  return crc;
}

function paintSquares(context, width, time) {
  const square = width / SQUARES_PER_WIDTH;
  for (const [row, bits] of [time >>> 16, time & 0xffff, crc8(time) << 8 | SYNC].entries()) {
    for (let column = 0; column < COLUMNS; column++) {
      context.fillStyle = bits >>> (COLUMNS - 1 - column) & 1 ? '#fff' : '#000';
      context.fillRect(column * square, row * square, square, square);
    }
  }
}

function paint(context) {
  const { width, height } = context.canvas;
  const now = Date.now();
  BARS.forEach((colour, i) => {
    context.fillStyle = colour;
    context.fillRect(i * width / BARS.length, 0, Math.ceil(width / BARS.length), height * 0.62);
  });
  context.fillStyle = '#10181b';
  context.fillRect(0, height * 0.62, width, height);
  context.fillStyle = '#3cc4d3';
  context.fillRect(now / 4000 % 1 * width, height * 0.9, width / 20, height * 0.05);  // once across in four seconds
  context.fillStyle = '#fff';
  context.font = `600 ${height * 0.16}px ui-monospace, monospace`;
  context.textAlign = 'center';
  context.fillText(new Date(now).toISOString().slice(11, 23), width / 2, height * 0.82);
  paintSquares(context, width, now % 2 ** 32);
}

// { video, audio, stop() }: two tracks, there until stop().
export function testPicture({ height, frameRate }) {
  const canvas = Object.assign(document.createElement('canvas'), { width: Math.round(height * 16 / 9 / 2) * 2, height });
  const context = canvas.getContext('2d', { alpha: false });
  paint(context);
  const timer = setInterval(paint, 1000 / frameRate, context);
  const [video] = canvas.captureStream(frameRate).getVideoTracks();

  const sound = new AudioContext();
  const out = sound.createMediaStreamDestination();
  const tone = new OscillatorNode(sound, { frequency: PITCH });
  tone.connect(new GainNode(sound, { gain: LOUDNESS })).connect(out);
  tone.start();
  const [audio] = out.stream.getAudioTracks();
  const wake = () => sound.resume().catch(() => {});
  document.addEventListener('click', wake);  // browsers keep pages quiet until somebody touches them

  return {
    video,
    audio,
    stop() {
      clearInterval(timer);
      document.removeEventListener('click', wake);
      for (const track of [video, audio]) track.stop();
      sound.close();
    },
  };
}
