// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs inside a page: the receiving side of WebRTC, for every offer that it answers. Driven by whip_server.mjs.
(() => {
  const sessions = new Map();  // id → { pc, video, offer }

  const gathered = (pc) => new Promise((done) => {
    const look = () => { if (pc.iceGatheringState === 'complete') done(); };
    pc.addEventListener('icegatheringstatechange', look);
    look();
  });

  async function answerTo(pc, sdp) {
    await pc.setRemoteDescription({ type: 'offer', sdp });
    await pc.setLocalDescription(await pc.createAnswer());
    await gathered(pc);
    return pc.localDescription.sdp;
  }

  // A fragment has the credentials only: the offer it belongs to is the first one with these.
  function offerWith(offer, fragment) {
    const lineOf = (start) => fragment.match(new RegExp(`^a=${start}:.*$`, 'm'))[0].trim();
    return offer.replace(/^a=ice-ufrag:.*$/gm, lineOf('ice-ufrag')).replace(/^a=ice-pwd:.*$/gm, lineOf('ice-pwd'));
  }

  window.whipPeer = {
    answer(id, sdp) {
      const pc = new RTCPeerConnection();
      const stream = new MediaStream();
      const video = Object.assign(document.createElement('video'), { autoplay: true, srcObject: stream });
      document.body.append(video);
      pc.ontrack = ({ track }) => stream.addTrack(track);
      sessions.set(id, { pc, video, offer: sdp });
      return answerTo(pc, sdp);
    },
    // Resolves with the fragment of the new ICE session.
    async restart(id, fragment) {
      const session = sessions.get(id);
      session.offer = offerWith(session.offer, fragment);
      const answer = await answerTo(session.pc, session.offer);
      return `${answer.split(/\r\n/).filter((line) => /^(m=|a=(mid|ice-ufrag|ice-pwd|candidate):)/.test(line)).join('\r\n')}\r\n`;
    },
    // What came so far.
    async received(id) {
      const all = [...(await sessions.get(id).pc.getStats()).values()];
      const inbound = all.filter(({ type }) => type === 'inbound-rtp');
      const video = inbound.find(({ kind }) => kind === 'video'), audio = inbound.find(({ kind }) => kind === 'audio');
      const codecOf = (rtp) => all.find(({ id: each }) => each === rtp?.codecId);
      return {
        frames: video?.framesDecoded ?? 0, width: video?.frameWidth, height: video?.frameHeight, bytes: video?.bytesReceived ?? 0,
        videoCodec: codecOf(video)?.mimeType, audioCodec: codecOf(audio)?.mimeType, energy: audio?.totalAudioEnergy ?? 0,
      };
    },
    close(id) {
      sessions.get(id)?.pc.close();
      sessions.get(id)?.video.remove();
      sessions.delete(id);
    },
  };
})();
