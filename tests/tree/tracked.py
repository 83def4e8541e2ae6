# SPDX-License-Identifier: LGPL-2.1-or-later
"""What may be in the repository and how a file begins: a licence line, what it is, nothing generated, nothing of the
machine it was written on.

    python3 tests/tree/tracked.py [ROOT]     prints every offence
"""

import pathlib
import re
import subprocess
import sys

LICENCE = "SPDX-License-Identifier: LGPL-2.1-or-later"
SOURCES = {".cpp", ".hpp", ".c", ".h", ".py", ".js", ".mjs", ".css", ".html", ".build", ".bash", ".supp"}
SAYS_WHAT_IT_IS = {".cpp", ".hpp", ".c", ".h", ".js", ".mjs"}
# Files without a suffix, or whose format takes no comment, are sources where they are programs.
PROGRAMS = re.compile(r"^(scripts/[^.]+|\.ci/[^.]+|meson_options\.txt)$")
NO_LICENCE_LINE = re.compile(r"\.supp$")  # its comments are read as suppressions by some of its readers

GENERATED = re.compile(
    r"(^|/)(node_modules|__pycache__|build[^/]*|\.cache)/"
    r"|\.(o|a|so|so\.\d+|pyc|gir|typelib|min\.js|bundle\.js|map|log|tmp|orig|rej)$"
    r"|(^|/)(compile_commands\.json|\.ninja_log|core)$")
LARGEST = 1 << 20

# The machine it was written on, and where its packages came from there.
STRAY = {
    "a path of one machine": re.compile(r"(?<![\w.:-])/(work|root|home|Users|tmp)/[\w.]"),
    "the host of a package registry": re.compile(
        r"registry\.(npmjs|yarnpkg)\.(org|com)|npm\.pkg\.|\w\.pkg\.dev|\bartifactory\b|jfrog\.io|pypi\.org|python[h]osted"),
    "a password or key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|_authToken\s*="),
}


def tracked(root):
    """The files git knows, and the new ones it would take."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            check=True, capture_output=True).stdout.decode()
    return sorted(path for path in set(listed.split("\0")) if path and (root / path).is_file())


def is_source(path):
    return pathlib.PurePath(path).suffix in SOURCES or bool(PROGRAMS.match(path))


def offences_of(path, data, introduced=False):
    """What is wrong with one file; `introduced` when something else says what it is."""
    found = []
    if GENERATED.search(path):
        found.append("generated: it is made by the build, or by nobody")
    if len(data) > LARGEST:
        found.append(f"{len(data)} bytes: larger than anything a person wrote")
    if b"\0" in data[:4096]:
        return [f"{path}: {what}" for what in found]  # a recording or a corpus

    text = data.decode(errors="replace")
    lines = text.splitlines()
    if is_source(path) and not NO_LICENCE_LINE.search(path):
        # A program begins with its interpreter, a page with its doctype.
        if not any(LICENCE in line for line in lines[:2]):
            found.append(f"does not begin with '{LICENCE}'")
        elif pathlib.PurePath(path).suffix in SAYS_WHAT_IT_IS and not introduced:
            at = next(i for i, line in enumerate(lines) if LICENCE in line)
            if not lines[at + 1:at + 2] or not re.match(r"\s*(//|/?\*)\s*\S", lines[at + 1]):
                found.append("does not say below its licence line what it is")
    if path.endswith(".hpp") and not re.search(r"^#pragma once$", text, re.MULTILINE):
        found.append("no #pragma once")
    if path != "LICENSE":
        for what, pattern in STRAY.items():
            for number, line in enumerate(lines, 1):
                if match := pattern.search(line):
                    found.append(f"line {number}: '{match.group()}' is {what}")
    return [f"{path}: {what}" for what in found]


def offences(root):
    root = pathlib.Path(root)
    found = []
    for path in tracked(root):
        file = root / path
        # A .cpp by its own header, and a test by the names of its cases.
        introduced = file.suffix == ".cpp" and (any(file.with_suffix(s).exists() for s in (".hpp", ".h"))
                                                or file.stem.endswith("_test"))
        found += offences_of(path, file.read_bytes(), introduced)
    return found


if __name__ == "__main__":
    everything = offences(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    print("\n".join(everything))
    sys.exit(bool(everything))
