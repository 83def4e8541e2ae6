# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every file begins as it should and belongs here; and what does not is seen."""

import subprocess

import pytest
import tracked

HEADER = "// SPDX-License-Identifier: LGPL-2.1-or-later\n// What it is.\n#pragma once\n"


def test_every_file_begins_as_it_should_and_belongs_here(root):
    if not (root / ".git").exists():
        pytest.skip("not a git work tree")
    assert len(tracked.tracked(root)) > 50
    found = tracked.offences(root)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path, text, named", [
    ("plugins/a.hpp", "#pragma once\n", "does not begin with"),
    ("plugins/a.cpp", "// SPDX-License-Identifier: LGPL-2.1-or-later\n#include <vector>\n", "what it is"),
    ("plugins/a.hpp", HEADER.replace("#pragma once\n", ""), "no #pragma once"),
    ("scripts/deploy", "#!/bin/sh\n\nset -e\n", "does not begin with"),
    ("node_modules/x/index.txt", "x", "generated"),
    ("launcher/Millrace-1.0.gir", "<xml/>", "generated"),
    ("pages/hls.min.js", HEADER, "generated"),
    ("recording.flv", "x" * (tracked.LARGEST + 1), "larger than"),
    ("README.md", "see /" + "home/me/clip.mp4", "a path of one machine"),
    ("package-lock.json", '"resolved": "https://registry.' + 'npmjs.org/hls.js"', "package registry"),
    ("key.pem", "-----BEGIN " + "PRIVATE KEY-----\n", "a password or key"),
], ids=lambda value: value[:20])
def test_what_does_not_belong_is_seen(tmp_path, path, text, named):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text)
    found = tracked.offences(tmp_path)
    assert len(found) == 1
    assert found[0].startswith(f"{path}: ")
    assert named in found[0]


def test_a_file_that_keeps_the_rules_is_no_offence():
    assert tracked.offences_of("plugins/a.hpp", HEADER.encode()) == []
