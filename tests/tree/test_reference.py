# SPDX-License-Identifier: LGPL-2.1-or-later
"""The reference in each plugin's README is what its elements say of themselves."""

import shutil
import subprocess

import pytest


def element_reference(root, *arguments):
    return subprocess.run([root / "scripts" / "element-reference", *arguments], capture_output=True, text=True,
                          timeout=120)


def test_the_reference_is_what_the_elements_say(root, build):
    done = element_reference(root, "--check")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def copy(root, build, tmp_path):
    """The plugins' READMEs, to be changed."""
    for plugin in (root / "plugins").glob("*/plugin.cpp"):
        folder = tmp_path / plugin.parent.name
        folder.mkdir()
        shutil.copy(plugin, folder)
        if (plugin.parent / "README.md").exists():
            shutil.copy(plugin.parent / "README.md", folder)
    assert element_reference(root, "--write", "--plugins", str(tmp_path)).returncode == 0
    assert element_reference(root, "--check", "--plugins", str(tmp_path)).returncode == 0
    return tmp_path


def test_a_reference_that_drifted_is_seen_and_mended(root, copy):
    readme = copy / "hls" / "README.md"
    was = readme.read_text()
    readme.write_text(was.replace("| `part-duration`", "| `part-length`", 1))
    done = element_reference(root, "--check", "--plugins", str(copy))
    assert done.returncode == 1
    assert "part-length" in done.stdout
    element_reference(root, "--write", "--plugins", str(copy))
    assert readme.read_text() == was


def test_what_people_wrote_stays(root, copy):
    readme = copy / "hls" / "README.md"
    readme.write_text(readme.read_text().replace("\n", "\n\nWritten by a person.\n\n", 1))
    element_reference(root, "--write", "--plugins", str(copy))
    assert "Written by a person." in readme.read_text()


def test_every_plugin_has_a_readme_with_a_line_to_run(root):
    for plugin in (root / "plugins").glob("*/plugin.cpp"):
        readme = plugin.parent / "README.md"
        assert readme.exists(), f"{readme} is missing"
        assert "gst-launch-1.0 " in readme.read_text(), f"{readme} has no line to run"
