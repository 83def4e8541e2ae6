# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each file of pipelines/ begins with what it is, who would use it and how to try it, and is what the schema says."""

import json
import subprocess

import jsonschema
import pytest
import yaml


def introduction(text):
    """The comment lines a file begins with, the licence's apart."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if "SPDX-License-Identifier" not in line:
            lines.append(line)
    return lines


@pytest.fixture(scope="module")
def millrace(build):
    def run(*arguments):
        return subprocess.run([build / "launcher" / "millrace", *arguments], capture_output=True, text=True, timeout=60)
    return run


@pytest.fixture(scope="module")
def schema(millrace):
    printed = millrace("schema")
    assert printed.returncode == 0, printed.stderr
    made = json.loads(printed.stdout)
    jsonschema.validators.validator_for(made).check_schema(made)
    return made


@pytest.fixture(scope="module")
def files(root):
    found = sorted((root / "pipelines").glob("*.yaml"))
    assert "demo.yaml" in {path.name for path in found}
    return found


def test_every_file_is_introduced_in_three_lines(files):
    for path in files:
        assert len(introduction(path.read_text())) >= 3, f"{path.name}: what is it, who uses it, how is it tried?"


def test_every_file_is_what_the_schema_says(files, schema):
    for path in files:
        jsonschema.validate(yaml.safe_load(path.read_text()), schema)


def test_every_file_passes_millrace_check(files, millrace):
    for path in files:
        checked = millrace("check", str(path))
        assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("text", [
    "streams: 3",
    "strems: {}",
    "streams: {a: {nodes: {x: {from: y}}}}",
    "streams: {a: {run: sometimes, nodes: {x: {element: fakesink}}}}",
])
def test_the_schema_refuses_what_millrace_refuses(schema, millrace, tmp_path, text):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text + "\n")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), schema)
    assert millrace("check", str(wrong)).returncode == 2
