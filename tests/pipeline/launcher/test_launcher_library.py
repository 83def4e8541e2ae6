# SPDX-License-Identifier: LGPL-2.1-or-later
"""libmillrace-launcher from Python, with a device provider and a source of the test's own as the publishers."""
import gi
import pytest

gi.require_version("Gst", "1.0")
gi.require_version("Millrace", "1.0")
from gi.repository import GLib, GObject, Gst, Millrace  # noqa: E402

from processes import free_port  # noqa: E402

Gst.init(None)
refused = []


class Waiting(Gst.Device):
    """Somebody who waits to publish a path."""

    path = ""

    @GObject.Signal(name="refuse", flags=GObject.SignalFlags.RUN_LAST | GObject.SignalFlags.ACTION, arg_types=(str,))
    def refuse(self, reason):
        refused.append((self.path, reason))


class Finder(Gst.DeviceProvider):
    """Finds the publishers that a test puts there."""

    url_template = GObject.Property(type=str, default="test://{host}{port:99}/{path}", nick="url-template")
    listen = GObject.Property(type=str, default="127.0.0.1:99")
    running = None

    def do_start(self):
        Finder.running = self
        return True

    def do_stop(self):
        Finder.running = None

    def publish(self, path):
        properties = Gst.Structure.new_from_string(f'publisher, path=(string)"{path}", protocol=(string)test, address=(string)here')
        device = Waiting(display_name=path, device_class="Source/Network/Publisher", properties=properties)
        device.path = path
        self.device_add(device)
        return device


Finder.set_metadata("Test publishers", "Source/Network/Publisher", "Publishers of a test", "Millrace maintainers")
Gst.DeviceProvider.register(None, "testpublishers", Gst.Rank.PRIMARY, Finder)


def until(fact, seconds=20):
    """Runs the default main context until fact() is true."""
    context, late = GLib.MainContext.default(), []
    timer = GLib.timeout_add_seconds(seconds, lambda: late.append(True) or False)
    while not fact():
        assert not late, "it did not happen"
        context.iteration(True)
    if not late:
        GLib.source_remove(timer)


@pytest.fixture
def launcher(tmp_path):
    """launcher(streams) starts a launcher of these streams; stopped with the test."""
    made = []

    def start(streams):
        file = tmp_path / "f.yaml"
        file.write_text(f'listen: {{http: "127.0.0.1:{free_port()}"}}\nstreams:\n{streams}')
        launcher = Millrace.Launcher.new_from_file(str(file))
        launcher.events = []
        for name in ["stream-started", "stream-stopped", "stream-error"]:
            launcher.connect(name, lambda self, *arguments, name=name: self.events.append((name, *arguments)))
        launcher.start()
        launcher.file = file
        made.append(launcher)
        return launcher

    yield start
    for each in made:
        each.stop()


PICTURE = "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! identity"
ALWAYS = f"  demo: {{run: always, nodes: {{a: {{launch: '{PICTURE}'}}, b: {{element: fakesink, from: a}}}}}}\n"


def on_publish(pattern="live/*", buffers=-1):
    picture = PICTURE.replace("is-live=true", f"is-live=true num-buffers={buffers}")
    return f"  {pattern}: {{nodes: {{a: {{launch: '{picture}'}}, b: {{element: fakesink, from: a}}}}}}\n"


def test_ten_lines_print_streams_as_they_start_and_stop(tmp_path, capsys):
    file = tmp_path / "f.yaml"
    file.write_text(f'listen: {{http: "127.0.0.1:{free_port()}"}}\nstreams:\n{ALWAYS}')
    loop = GLib.MainLoop()
    launcher = Millrace.Launcher.new_from_file(str(file))
    launcher.connect("stream-started", lambda self, path: (print(path, "started"), loop.quit()))
    launcher.connect("stream-stopped", lambda self, path: print(path, "stopped"))
    launcher.start()
    GLib.timeout_add_seconds(20, loop.quit)
    loop.run()
    assert [(stream.get_path(), stream.get_state()) for stream in launcher.list_streams()] == [("demo", "live")]
    launcher.stop()
    assert capsys.readouterr().out == "demo started\ndemo stopped\n"
    assert launcher.list_streams() == []


def test_a_wrong_file_raises_with_every_problem_and_its_place(tmp_path):
    file = tmp_path / "f.yaml"
    file.write_text("streams:\n  a: {rnu: always, nodes: {x: {element: fakesink, from: y}}}\n")
    with pytest.raises(GLib.Error) as raised:
        Millrace.Launcher.new_from_file(str(file))
    assert raised.value.matches(Millrace.Launcher.error_quark(), Millrace.LauncherError.FILE)
    assert raised.value.message.splitlines() == [
        f"{file}:2:7: unknown key 'rnu' in stream 'a'; did you mean 'run'?", f"{file}:2:57: unknown node 'y' in 'from'"]


def test_a_publisher_starts_the_stream_of_its_path(launcher):
    running = launcher(on_publish())
    Finder.running.publish("live/cam1")
    until(lambda: ("stream-started", "live/cam1") in running.events)
    assert [stream.get_path() for stream in running.list_streams()] == ["live/cam1"]
    assert "publish test://127.0.0.1/live/NAME" in running.list_urls()


def test_a_publisher_whose_path_no_rule_matches_is_refused(launcher):
    running = launcher(on_publish())
    refused.clear()
    Finder.running.publish("other/cam1")
    until(lambda: refused)
    assert refused == [("other/cam1", "no stream here is called 'other/cam1'")]
    assert running.list_streams() == []


def test_the_most_specific_rule_takes_the_publisher(launcher):
    failing = on_publish("live/cam*").replace("b: {element: fakesink, from: a}",
                                              "i: {element: identity, from: a, error-after: 1}, b: {element: fakesink, from: i}")
    running = launcher(failing + on_publish("live/*") + on_publish("live/cam1"))
    Finder.running.publish("live/cam1")
    until(lambda: ("stream-started", "live/cam1") in running.events)
    Finder.running.publish("live/cam2")
    until(lambda: [event for event in running.events if event[:2] == ("stream-error", "live/cam2")])
    error = [event for event in running.events if event[0] == "stream-error"][0]
    assert error[2] == "i (identity)"


def test_a_publisher_that_returns_after_the_end_starts_its_stream_again(launcher):
    running = launcher(on_publish(buffers=10))
    Finder.running.publish("live/cam1")
    until(lambda: ("stream-stopped", "live/cam1") in running.events)
    assert [stream.get_state() for stream in running.list_streams()] == ["ended"], "viewers still see the end"
    Finder.running.publish("live/cam1")
    until(lambda: running.events.count(("stream-started", "live/cam1")) == 2)


def test_reload_of_a_wrong_file_raises_and_changes_nothing(launcher):
    running = launcher(ALWAYS)
    until(lambda: ("stream-started", "demo") in running.events)
    running.file.write_text("streams: {}\n")
    with pytest.raises(GLib.Error):
        running.reload()
    assert [stream.get_state() for stream in running.list_streams()] == ["live"]
