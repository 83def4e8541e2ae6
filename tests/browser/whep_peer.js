// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs inside a page: the sending side of WebRTC. A canvas with clock_source's clock, and a tone, for every offer that
// it answers. Driven by whep_server.mjs.
(() => {
  const WIDTH = 640, HEIGHT = 360, BLOCK = WIDTH / 32, FRAME = 33;
  const sessions = new Map();

  function crc8(value) {
    let crc = 0xff;
    for (let bit = 31; bit >= 0; bit--) {
      const carry = crc >>> 7 ^ (value >>> bit & 1);
      crc = crc << 1 & 0xff ^ (carry ? 0x07 : 0);
    }
    return crc;
  }

  function paint(context) {
    const time = Date.now() % 2 ** 32;
    context.fillStyle = '#456';
    context.fillRect(0, 0, WIDTH, HEIGHT);
    context.fillStyle = '#ca4';
    context.fillRect(time / 5 % WIDTH, HEIGHT * 0.6, 80, 80);
    for (const [row, bits] of [time >>> 16, time & 0xffff, crc8(time) << 8 | 0xa5].entries()) {
      for (let column = 0; column < 16; column++) {
        context.fillStyle = bits >>> (15 - column) & 1 ? '#fff' : '#000';
        context.fillRect(column * BLOCK, row * BLOCK, BLOCK, BLOCK);
      }
    }
  }

  function picture() {
    const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
    const context = canvas.getContext('2d');
    setInterval(paint, FRAME, context);
    return canvas.captureStream(30).getVideoTracks()[0];
  }

  function tone() {
    const audio = new AudioContext();
    const out = audio.createMediaStreamDestination();
    const oscillator = audio.createOscillator();
    oscillator.connect(out);
    oscillator.start();
    return out.stream.getAudioTracks()[0];
  }

  const tracks = { video: picture(), audio: tone() };

  const gathered = (pc) => new Promise((done) => {
    const look = () => { if (pc.iceGatheringState === 'complete') done(); };
    pc.addEventListener('icegatheringstatechange', look);
    look();
  });

  window.whepPeer = {
    // kinds: which tracks there are; the offer's other sections are rejected.
    async answer(id, sdp, kinds) {
      const pc = new RTCPeerConnection();
      sessions.set(id, pc);
      await pc.setRemoteDescription({ type: 'offer', sdp });
      for (const transceiver of pc.getTransceivers()) {
        const { kind } = transceiver.receiver.track;
        if (!kinds.includes(kind)) { transceiver.stop(); continue; }
        transceiver.direction = 'sendonly';
        await transceiver.sender.replaceTrack(tracks[kind]);
      }
      await pc.setLocalDescription(await pc.createAnswer());
      await gathered(pc);
      return pc.localDescription.sdp;
    },
    close(id) {
      sessions.get(id)?.close();
      sessions.delete(id);
    },
  };
})();
