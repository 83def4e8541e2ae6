# SPDX-License-Identifier: LGPL-2.1-or-later
"""Formatting, spelling and shell: what pre-commit looks at in a commit, over the whole tree."""

import pathlib
import re
import shutil
import subprocess

import pytest
import tracked
import yaml

PRE_COMMIT = yaml.safe_load((pathlib.Path(__file__).parents[2] / ".pre-commit-config.yaml").read_text())
HOOKS = {hook["id"]: hook for hook in PRE_COMMIT["repos"][0]["hooks"] if hook.get("pass_filenames", True)}


def looked_at(hook, root):
    return [path for path in tracked.tracked(root)
            if re.search(hook["files"], path) and not re.search(hook.get("exclude", "^$"), path)]


@pytest.mark.parametrize("name", HOOKS)
def test_the_tree_is_clean(root, name):
    hook = HOOKS[name]
    command = hook["entry"].split()
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    paths = looked_at(hook, root)
    assert paths
    done = subprocess.run([*command, *paths], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
