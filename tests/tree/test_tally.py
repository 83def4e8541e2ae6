# SPDX-License-Identifier: LGPL-2.1-or-later
"""The line that scripts/test ends with counts what was really run, and what could not be."""

import json
import subprocess

import pytest

GTEST = "[       OK ] A.One (0 ms)\n[       OK ] A.Two (3 ms)\n"
GTEST_FAILED = GTEST + "[  FAILED  ] A.Three (1 ms)\n[==========]\n[  FAILED  ] 1 test, listed below:\n[  FAILED  ] A.Three\n"


@pytest.fixture
def tally(root, tmp_path):
    def run(*tests, missing=False):
        log = tmp_path / "suite.json"
        if not missing:
            log.write_text("".join(json.dumps(test) + "\n" for test in tests))
        done = subprocess.run([root / "scripts" / "tally", f"core:3:{log}"], capture_output=True, text=True)
        return done.returncode, done.stdout
    return run


def program(result, stdout):
    return {"name": "millrace:core / base", "result": result, "stdout": stdout}


@pytest.mark.parametrize("result, stdout, last", [
    ("OK", GTEST, "2 passed, 0 failed"),
    ("FAIL", GTEST_FAILED, "2 passed, 1 failed"),
    ("FAIL", GTEST, "2 passed, 1 failed"),  # it passed, and then its sanitizer had something to say
    ("TIMEOUT", GTEST, "2 passed, 1 failed"),
    ("ERROR", "", "0 passed, 1 failed"),
    ("OK", "....\n4 passed in 0.10s\n", "4 passed, 0 failed"),
    ("OK", "..s\n2 passed, 1 skipped in 0.10s\n", "2 passed, 0 failed"),
    ("OK", "s\n1 skipped in 0.10s\n", "0 passed, 0 failed"),
    ("FAIL", "FAILED a.py::b - x\n1 failed, 4 passed in 65.10s (0:01:05)\n", "4 passed, 1 failed"),
    ("FAIL", "ERROR a.py::b - x\nERROR a.py::c\n4 passed, 2 errors in 0.10s\n", "4 passed, 2 failed"),
    ("OK", "# tests 3\n# pass 3\n# fail 0\n", "3 passed, 0 failed"),
    ("OK", "it says nothing of its cases\n", "1 passed, 0 failed"),
    ("SKIP", "", "0 passed, 0 failed"),
])
def test_a_program_counts_by_its_cases(tally, result, stdout, last):
    status, said = tally(program(result, stdout))
    assert said.splitlines()[-1] == last
    assert status == (0 if last.endswith(" 0 failed") else 1)


def test_what_failed_is_named(tally):
    assert "FAILED core: base: A.Three" in tally(program("FAIL", GTEST_FAILED))[1]
    assert "FAILED core: base: a.py::b[two words]\n" in tally(program("FAIL", "FAILED ../t/a.py::b[two words] - x - y\n1 failed in 1.0s\n"))[1]


def test_suites_add_up(tally):
    assert tally(program("OK", GTEST), program("FAIL", GTEST_FAILED))[1].splitlines()[-1] == "4 passed, 1 failed"


@pytest.mark.parametrize("missing", [True, False])
def test_a_suite_that_could_not_be_built_is_a_failure(tally, missing):
    status, said = tally(missing=missing)
    assert status == 1
    assert "FAILED core: could not be built" in said
    assert said.splitlines()[-1] == "0 passed, 1 failed"
