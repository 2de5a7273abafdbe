#!/bin/sh
# Make the virtual environment that the Makefile's targets use. Needs Python >= 3.11.
set -eu
: "${PYTHON:=python3}" "${VENV:=.venv}"

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "privkit needs Python 3.11 or newer. Name one with: make PYTHON=python3.12 ..." >&2
    exit 2
}
if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
    else
        echo "Python's venv is not installed. On Debian or Ubuntu: sudo apt-get install python3-venv" >&2
        exit 2
    fi
fi
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
echo "Installing what privkit needs into $VENV (once) ..."
"$VENV/bin/python" -m pip install -qq --disable-pip-version-check -e '.[dev]'
