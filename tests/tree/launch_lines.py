# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finds every gst-launch-1.0 line that a reader is told to run: in Markdown, in comments of C++ and of pipeline files."""

import pathlib
import re
import shlex

# Comment leaders and prompts in front of a line or of its continuation.
LEADER = re.compile(r"^\s*(//+|/\*+|\*+|#+|>)?\s*(\$ )?")
COMMENT = {".cpp": re.compile(r"^\s*(//|/?\*)"), ".hpp": re.compile(r"^\s*(//|/?\*)"), ".yaml": re.compile(r"^\s*#")}
ENDS = {"|", "&", "&&", ";", ">", ">>", "2>&1"}


def files(root):
    for pattern in ("*.md", "docs/**/*.md", "plugins/**/*.md", "plugins/**/*.?pp", "launcher/**/*.?pp",
                    "pipelines/*.yaml", "pipelines/*.md", "tests/**/*.md"):
        yield from (path for path in sorted(root.glob(pattern)) if "node_modules" not in path.parts)


def lines(path, text):
    """Pairs of line number and what stands behind gst-launch-1.0, continuations joined."""
    comment = COMMENT.get(path.suffix)
    source = text.splitlines()
    for at, line in enumerate(source):
        if "gst-launch-1.0 " not in line or (comment and not comment.match(line)):
            continue
        said, following = line.split("gst-launch-1.0 ", 1)[1], at
        if "`" in line.split("gst-launch-1.0 ", 1)[0]:
            said = said.split("`")[0]
        # In a SECTION comment, |[ … ]| is one command however clang-format broke it.
        if at and comment and source[at - 1].rstrip().endswith("|["):
            while following + 1 < len(source) and "]|" not in source[following + 1]:
                following += 1
                said = said.rstrip().removesuffix("\\") + " " + LEADER.sub("", source[following], count=1)
        while said.rstrip().endswith("\\") and following + 1 < len(source):
            following += 1
            said = said.rstrip()[:-1] + " " + LEADER.sub("", source[following], count=1)
        if "!" in said or "mill" in said:
            yield at + 1, said.strip()


def arguments(said):
    """The pipeline as gst-launch-1.0 gets it from the shell, without its own options."""
    words = shlex.split(said)
    end = next((i for i, word in enumerate(words) if word in ENDS), len(words))
    words = words[:end]
    while words and words[0].startswith("-"):
        words.pop(0)
    return words


def of_repository(root):
    """(where, line) of every launch line."""
    for path in files(pathlib.Path(root)):
        for number, said in lines(path, path.read_text(errors="replace")):
            yield f"{path.relative_to(root)}:{number}", said
