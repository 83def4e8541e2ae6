# SPDX-License-Identifier: LGPL-2.1-or-later
"""GStreamer's webrtcbin as a client of WHEP or WHIP: offers what it has, says what became of it in lines of JSON.

What it sends or receives is for whoever owns it to say, on `webrtc` and in `pipeline`, before start().
"""

import json
import threading
import urllib.error
import urllib.request
from urllib.parse import urljoin

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import Gst, GstSdp, GstWebRTC  # noqa: E402


class Peer:
    def __init__(self, url):
        Gst.init(None)
        self.url = url
        self.session = None
        self.lock = threading.Lock()
        self.pipeline = Gst.Pipeline()
        self.webrtc = Gst.ElementFactory.make("webrtcbin")
        self.webrtc.set_property("bundle-policy", "max-bundle")
        self.pipeline.add(self.webrtc)
        # Gathering skips the loopback interface; tests have nothing else to rely on. The agent is kept because its
        # reference is a floating one, which Python takes: letting go of it would end webrtcbin's.
        self.agent = self.webrtc.get_property("ice-agent")
        self.agent.emit("add-local-ip-address", "127.0.0.1")
        self.webrtc.connect("notify::ice-gathering-state", self._on_gathering)

    def say(self, **facts):
        with self.lock:
            print(json.dumps(facts), flush=True)

    def start(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        self.webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(self._on_offer))

    def leave(self):
        """Ends the session, as who closes a page does."""
        if self.session is None:
            return
        request = urllib.request.Request(self.session, method="DELETE")
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                self.say(left=reply.status)
        except urllib.error.HTTPError as error:
            self.say(left=error.code)

    def _on_offer(self, promise):
        reply = promise.get_reply()
        self.webrtc.emit("set-local-description", reply.get_value("offer"), None)

    def _on_gathering(self, *_):
        complete = GstWebRTC.WebRTCICEGatheringState.COMPLETE
        if self.webrtc.get_property("ice-gathering-state") == complete:
            threading.Thread(target=self._join, daemon=True).start()

    def _join(self):
        # Held while it is read: what is inside goes with it.
        offer = self.webrtc.get_property("local-description")
        request = urllib.request.Request(self.url, offer.sdp.as_text().encode(), {"Content-Type": "application/sdp"})
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                answer = reply.read().decode()
                self.session = urljoin(self.url, reply.headers["Location"])
        except urllib.error.HTTPError as error:
            self.say(status=error.code, problem=error.read().decode())
            return
        _, sdp = GstSdp.SDPMessage.new_from_text(answer)
        description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
        self.webrtc.emit("set-remote-description", description, None)
        self.say(session=self.session)
