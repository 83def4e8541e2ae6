# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where the tree tests look: the source folder, and the build directory that Meson names in the environment."""

import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def build():
    if "MILLRACE_BUILD" not in os.environ:
        pytest.skip("needs a build directory: run it by `meson test --suite tree`")
    return pathlib.Path(os.environ["MILLRACE_BUILD"])
