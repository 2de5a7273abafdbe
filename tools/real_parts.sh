#!/bin/sh
# The real programs that the tests talk to, from tests/real-parts.txt: installed where that is possible,
# else named with the command that installs them. With PRIVKIT_NO_SKIP=1 a missing one is an error.
set -u
cd "$(dirname "$0")/.." || exit 2
PATH=$PATH:/usr/sbin:/sbin

missing=""
while read -r program package; do
    case "$program" in '' | '#'*) continue ;; esac
    command -v "$program" >/dev/null 2>&1 || missing="$missing $package"
done <tests/real-parts.txt
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing the programs that tests talk to:$missing"
    # shellcheck disable=SC2086  # a list of packages
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null && exit 0
fi
echo "Not installed, so the tests that need them are skipped:$missing"
echo "  To run them too: sudo apt-get install$missing"
[ "${PRIVKIT_NO_SKIP:-}" != 1 ]
