# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every header compiles alone: who includes it need not know what it needs. One that a source file includes before all
else has been compiled alone already, by the build. ccache makes the second run of the others cheap."""

import concurrent.futures
import json
import os
import re
import shlex
import shutil
import subprocess

FOLDERS = ("plugins", "launcher", "tests")
# What a compile command says about where headers are and how they are read; the rest is about one source file.
ABOUT_HEADERS = re.compile(r"-(I|D|std=|pthread)")


def header_flags(build):
    """The include paths and definitions of all compile commands of the build directory, each once."""
    flags = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        if entry["file"].endswith(".cpp"):
            for word, following in zip(words, [*words[1:], ""]):
                if word == "-isystem":
                    flags[f"-isystem{following}"] = None
                elif ABOUT_HEADERS.match(word):
                    flags[word] = None
    return list(flags)


def is_built_alone(root, header):
    """True when the source file of the same name includes `header` first."""
    source = header.with_suffix(".cpp")
    first = re.search(r'#include\s+[<"]([^>"]+)', source.read_text()) if source.exists() else None
    return first is not None and str(header.relative_to(root)).endswith(first[1])


def compile_alone(header, flags, build):
    """What the compiler says about a file that includes nothing but `header`; empty when it is happy."""
    scratch = build / "tests" / "tree" / "headers"
    scratch.mkdir(parents=True, exist_ok=True)
    stub = scratch / (re.sub(r"\W", "_", str(header)) + ".cpp")
    text = f'#include "{header}"\n'
    if not stub.exists() or stub.read_text() != text:
        stub.write_text(text)
    compiler = ["ccache", "g++"] if shutil.which("ccache") else ["g++"]
    done = subprocess.run([*compiler, *flags, "-O0", "-c", str(stub), "-o", str(stub.with_suffix(".o"))],
                          cwd=build, capture_output=True, text=True)
    return "" if done.returncode == 0 else f"{header}:\n{done.stderr}"


def test_every_header_compiles_alone(root, build):
    headers = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.hpp"))
               if "node_modules" not in path.parts and not is_built_alone(root, path)]
    flags = header_flags(build)
    assert len(headers) > 10
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        said = pool.map(lambda header: compile_alone(header, flags, build), headers)
    unhappy = [text for text in said if text]
    assert not unhappy, "\n".join(unhappy)


def test_a_header_is_built_alone_when_its_source_file_begins_with_it(tmp_path):
    header, source = tmp_path / "room" / "door.hpp", tmp_path / "room" / "door.cpp"
    header.parent.mkdir()
    assert not is_built_alone(tmp_path, header)
    source.write_text('// A door.\n#include <vector>\n#include "room/door.hpp"\n')
    assert not is_built_alone(tmp_path, header)
    source.write_text('// A door.\n#include "room/door.hpp"\n#include <vector>\n')
    assert is_built_alone(tmp_path, header)


def test_a_header_that_leans_on_its_includer_is_seen(tmp_path, build):
    header = tmp_path / "leaning.hpp"
    header.write_text("#pragma once\nstd::vector<int> numbers();\n")
    assert "vector" in compile_alone(header, ["-std=c++20"], build)
    header.write_text("#pragma once\n#include <vector>\nstd::vector<int> numbers();\n")
    assert compile_alone(header, ["-std=c++20"], build) == ""
