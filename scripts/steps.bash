# SPDX-License-Identifier: LGPL-2.1-or-later
# How the scripts speak: one line when a step starts, one when it ends with the time it took. Sourced, not run.
# Colour only where a person looks.
# shellcheck shell=bash

if [[ -t 1 && -z "${NO_COLOR:-}" ]]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
    bold='' dim='' red='' green='' plain=''
fi

say() { printf '%s%s%s\n' "$bold" "$*" "$plain"; }
note() { printf '%s  %s%s\n' "$dim" "$*" "$plain"; }
complain() { printf '%s%s%s\n' "$red" "$*" "$plain" >&2; }
die() {
    complain "$*"
    exit 1
}

# step "what it does" command…: runs the command and reports its wall-clock time; returns the command's status.
step() {
    local what=$1 started=$SECONDS status=0
    shift
    say "▸ $what"
    "$@" || status=$?
    if ((status == 0)); then
        printf '%s  done in %d s%s\n' "$green" $((SECONDS - started)) "$plain"
    else
        printf '%s  failed after %d s (status %d)%s\n' "$red" $((SECONDS - started)) "$status" "$plain"
    fi
    return "$status"
}

# configure DIRECTORY option…: a build directory that exists keeps what it has and takes the options that changed.
configure() {
    local directory=$1
    shift
    if [[ -f "$directory/build.ninja" ]]; then
        meson configure "$directory" "$@" >/dev/null
    else
        meson setup "$directory" "$@"
    fi
}
