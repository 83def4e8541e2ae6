# SPDX-License-Identifier: LGPL-2.1-or-later
"""token_gate.py TOKEN PIPELINE…: runs a pipeline whose element `in` takes only publishers with that bearer token.

Ends as gst-launch-1.0 -e does: interrupted, with the end of the stream.
"""

import signal
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

Gst.init(None)
pipeline = Gst.parse_launch(" ".join(sys.argv[2:]))
pipeline.get_by_name("in").connect("authorize", lambda _, request: request.get_value("token") == sys.argv[1])
pipeline.set_state(Gst.State.PLAYING)
loop = GLib.MainLoop()
GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGINT, pipeline.send_event, Gst.Event.new_eos())
bus = pipeline.get_bus()
bus.add_signal_watch()
errors = []
bus.connect("message::error", lambda _, message: (errors.append(message.parse_error()), loop.quit()))
bus.connect("message::eos", lambda *_: loop.quit())
loop.run()
pipeline.set_state(Gst.State.NULL)
sys.exit(str(errors[0]) if errors else 0)
