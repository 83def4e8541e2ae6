# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rules of the rooms, as a table, and the reader of C++ that applies it. It knows #include lines and words; it
does not compile anything.

    python3 tests/tree/rooms.py [ROOT]     prints every offence as FILE:LINE: what, and why
"""

import dataclasses
import pathlib
import re
import sys

SOURCES = {".cpp", ".hpp", ".c", ".h"}

# What an angle-bracket include brings into a room.
SYSTEM = {
    "GLib": r"glib.*|gio/.*|gobject/.*|gmodule.*|json-glib/.*|libsoup/.*",
    "GStreamer": r"gst/.*",
    "sockets": r"sys/(socket|epoll|select|un)\.h|netinet/.*|arpa/.*|netdb\.h|poll\.h",
    "threads": r"thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token|pthread\.h",
    "logging": r"iostream|syslog\.h|print|spdlog/.*",
    "files": r"fstream|filesystem|fcntl\.h|sys/stat\.h|unistd\.h",
    "YAML": r"yaml-cpp/.*",
    "GTest": r"gtest/.*|gmock/.*",
}

# What a word in the code gives away; comments do not count. (Strings do: a name in a string is a name in the code.)
WORDS = {
    "clocks": r"\b(steady_clock|system_clock|high_resolution_clock|clock_gettime|gettimeofday|g_get_(monotonic|real)_time"
              r"|std::time|strftime|localtime)\b",
    "logging": r"\b(std::(cout|cerr|clog)|f?printf|puts|syslog|g_(log|print|printerr|message|warning|critical)"
               r"|GST_(LOG|DEBUG|INFO|WARNING|ERROR|FIXME|TRACE)(_OBJECT)?)\b",
    "randomness": r"\bstd::random_device\b|\b(s?rand|random|getrandom|arc4random\w*)\s*\(",
    "environment": r"\b(getenv|g_getenv|setenv)\b",
    "threads": r"\bstd::(thread|jthread|async)\b",
    "our elements' names": r"\bmill(?!race|is)[a-z]*(src|sink|mux|ladder)\b",
    "protocol names": r"(?i)(?<![a-z])(rtmps?|srt|rtsps?|whip|whep|webrtc|ll-?hls|hls|cmaf|ladder|ingest)(?![a-z])",
}

PURE = ["GLib", "GStreamer", "sockets", "logging", "files", "YAML", "GTest"]
SANS_IO = ["clocks", "logging", "randomness", "environment"]
COMMON = ["common/"]


@dataclasses.dataclass
class Room:
    where: str  # a regular expression of paths; its groups may stand in `may`
    may: list  # what it may include of ours, as prefixes relative to plugins/ or the root
    never: list = dataclasses.field(default_factory=list)  # rows of SYSTEM
    unspoken: list = dataclasses.field(default_factory=list)  # rows of WORDS
    lines: int = 0  # the file's limit; 0 = none


# The first row that matches a path is its room.
ROOMS = [
    # Its thread.hpp is where the standard's locks are wrapped for clang's analysis.
    Room(r"plugins/common/base/thread\.", ["common/base/"], PURE, SANS_IO),
    Room(r"plugins/common/base/", ["common/base/"], [*PURE, "threads"], [*SANS_IO, "threads", "protocol names"]),
    Room(r"plugins/common/codec/", ["common/base/", "common/codec/"], [*PURE, "threads"], [*SANS_IO, "threads"]),
    Room(r"plugins/common/net/", ["common/base/", "common/net/"], ["GStreamer", "YAML", "GTest"],
         ["protocol names", "our elements' names"]),
    Room(r"plugins/common/web/", ["common/base/", "common/net/", "common/web/"], ["GStreamer", "YAML", "GTest"],
         ["protocol names", "our elements' names"]),
    Room(r"plugins/common/gst/", ["common/base/", "common/codec/", "common/net/", "common/gst/"], ["YAML", "GTest"],
         ["protocol names", "our elements' names"]),
    Room(r"plugins/common/", [], lines=1),  # no loose files: a thing belongs to a room
    Room(r"plugins/(\w+)/core/", [r"\1/core/", "common/base/", "common/codec/"], [*PURE, "threads"],
         [*SANS_IO, "threads", "our elements' names"]),
    Room(r"plugins/(\w+)/element/", [r"\1/core/", r"\1/element/", *COMMON], ["YAML", "GTest"]),
    Room(r"plugins/(\w+)/plugin\.cpp", [r"\1/element/", "common/gst/"], ["YAML", "GTest"], lines=40),
    Room(r"plugins/", [], lines=1),
    Room(r"launcher/config/", ["launcher/config/", "common/base/"], ["GLib", "GStreamer", "sockets", "threads", "GTest"],
         ["our elements' names"]),
    Room(r"launcher/graph/", ["launcher/config/", "launcher/graph/", *COMMON], ["YAML", "GTest"],
         ["our elements' names"]),
    Room(r"launcher/run/", ["launcher/", *COMMON], ["YAML", "GTest"], ["our elements' names"]),
    Room(r"launcher/main\.cpp", ["launcher/", *COMMON], ["YAML", "GTest"], ["our elements' names"], lines=100),
    Room(r"launcher/", [], lines=1),
    # The tests of a core build without GStreamer, or the core would not be one.
    Room(r"tests/core/(base|codec|hls|rtmp|ingest)/[^/]+$", [r"\1/core/", "common/base/", "common/codec/", "tests/support/",
                                                     "tests/core/"], ["GLib", "GStreamer", "sockets"]),
    Room(r"tests/core/webrtc/", ["webrtc/core/", "common/base/", "common/codec/", "tests/support/", "tests/core/"],
         ["GLib", "GStreamer", "sockets"]),
]

# A file with one of these names has no subject.
NO_SUBJECT = re.compile(r"(^|[_-])(utils?|helpers?|managers?|misc|common|stuff)$")


def without_comments(text):
    """The code with comments blanked, its lines and strings left where they are."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)

    def blank(match):
        found = match.group()
        return re.sub(r"[^\n]", " ", found) if found.startswith("/") else found

    return token.sub(blank, text)


def room_of(path):
    for room in ROOMS:
        if match := re.match(room.where, path):
            return room, match
    return None, None


def includes(code):
    for number, line in enumerate(code.splitlines(), 1):
        if match := re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line):
            yield number, match.group(1) == "<", match.group(2)


def offences_of(path, text, root):
    """Every offence in one file, in the order of its lines."""
    room, match = room_of(path)
    found = []
    if NO_SUBJECT.search(pathlib.PurePath(path).stem):
        found.append((1, "a name without a subject: what is this file about?"))
    if room is None:
        return [f"{path}:{line}: {what}" for line, what in found]

    code = without_comments(text)
    allowed = tuple(match.expand(prefix) for prefix in room.may)
    for line, angled, name in includes(code):
        if angled:
            found += [(line, f"<{name}>: no {what} in this room") for what in room.never
                      if re.fullmatch(SYSTEM[what], name)]
        # A header generated by the build is in no source folder; what is generated is nobody's room.
        elif not name.startswith(allowed) and ((root / name).exists() or (root / "plugins" / name).exists()):
            found.append((line, f'"{name}": this room includes only {", ".join(allowed) or "nothing of ours"}'))
        elif "/" not in name and (root / path).with_name(name).exists():
            found.append((line, f'"{name}": say it relative to plugins/ or to the root'))
    lines = code.splitlines()
    for what in room.unspoken:
        for number, line in enumerate(lines, 1):
            spoken = re.sub(r'^\s*#\s*include\s*[<"][^>"]*[>"]', "", line)
            if said := re.search(WORDS[what], spoken):
                found.append((number, f"'{said.group().strip()}': no {what} in this room"))
    if room.lines and len(lines) >= room.lines:
        why = "no loose files here: it belongs to a room" if room.lines == 1 else f"{room.lines} lines or more"
        found.append((len(lines), why))
    return [f"{path}:{line}: {what}" for line, what in sorted(found)]


def offences(root):
    root = pathlib.Path(root)
    found = []
    for folder in ("plugins", "launcher", "tests"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SOURCES and "node_modules" not in path.parts:
                found += offences_of(path.relative_to(root).as_posix(), path.read_text(errors="replace"), root)
    return found


if __name__ == "__main__":
    everything = offences(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    print("\n".join(everything))
    sys.exit(bool(everything))
