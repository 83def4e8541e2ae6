# SPDX-License-Identifier: LGPL-2.1-or-later
"""An installed copy works without the build directory: GStreamer finds the elements, millrace and Python find the
library."""

import os
import pathlib
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def installed(build, tmp_path_factory):
    """The environment of somebody who installed it below a folder of their own."""
    there = tmp_path_factory.mktemp("installed")
    done = subprocess.run(["meson", "install", "-C", str(build), "--no-rebuild", "--destdir", str(there)],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr

    def folder_of(name):
        found = [path.parent for path in there.rglob(name)]
        assert len(found) == 1, f"{name} is installed {len(found)} times"
        return str(found[0])
    plugins, libraries = folder_of("libmillhls.so"), folder_of("libmillrace-1.0.so.0")
    binaries, typelibs = folder_of("millrace"), folder_of("Millrace-1.0.typelib")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GST_", "GI_", "MILLRACE_"))}
    return environment | {
        "GST_PLUGIN_PATH": plugins, "GST_REGISTRY": str(there / "registry.bin"), "GI_TYPELIB_PATH": typelibs,
        "LD_LIBRARY_PATH": libraries, "PATH": binaries + os.pathsep + os.environ["PATH"]}


def run(environment, *command):
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("name", ["millrtmpsrc", "millingestsrc", "millcmafmux", "millhlssink", "millwhepsink"])
def test_gst_inspect_finds_an_installed_element(installed, name):
    printed = run(installed, "gst-inspect-1.0", name)
    assert printed.returncode == 0, printed.stderr
    assert installed["GST_PLUGIN_PATH"] in printed.stdout


def test_the_installed_millrace_runs(installed, root):
    printed = run(installed, "millrace", "--version")
    assert printed.returncode == 0, printed.stderr
    assert printed.stdout.startswith("millrace ")
    checked = run(installed, "millrace", "check", str(root / "pipelines" / "demo.yaml"))
    assert checked.returncode == 0, checked.stderr


def test_python_finds_the_installed_library(installed):
    program = "import gi; gi.require_version('Millrace', '1.0'); from gi.repository import Millrace; " \
              "print(Millrace.Launcher.new_from_file)"
    printed = run(installed, sys.executable, "-c", program)
    assert printed.returncode == 0, printed.stderr


def test_what_is_installed_does_not_lean_on_the_build_directory(installed, build):
    for library in pathlib.Path(installed["GST_PLUGIN_PATH"]).glob("*.so"):
        dynamic = run(installed, "readelf", "--dynamic", str(library)).stdout
        assert "NEEDED" in dynamic
        assert str(build) not in dynamic
