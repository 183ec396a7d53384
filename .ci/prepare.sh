# shellcheck shell=bash
# Shared by ./run and ./test: says what happens, installs what is missing, finds Rust. Sourced, not run.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
export CARGO_TARGET_DIR="${VEDETTE_TARGET:-$HOME/.cache/vedette/target}"

# Colour is for people at a terminal.
if [[ -t 2 && -z "${NO_COLOR:-}" ]]; then
  bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' plain=$'\e[0m'
else
  bold='' red='' green='' yellow='' plain=''
fi

# Everything said here goes to standard error, so that the program's own output stays clean.
say() { printf '%s\n' "$*" >&2; }

die() {
  say "${red}error:${plain} $*"
  exit 1
}

# took SECONDS: "7 s" or "3 min 20 s"
took() {
  if (($1 < 60)); then printf '%d s' "$1"; else printf '%d min %d s' $(($1 / 60)) $(($1 % 60)); fi
}

# install_packages WHY PACKAGE...: through apt-get, as root or with sudo; never asks a question of its own.
install_packages() {
  local why=$1
  shift
  say "${bold}installing${plain} $*: $why"
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "$* must be installed, and this is neither root nor is there sudo.
  Run as root: apt-get install -y $*"
    as_root=(sudo)
    # Without a terminal a password could not be typed, so sudo must not wait for one.
    [[ -t 0 ]] || as_root=(sudo -n)
  fi
  command -v apt-get >/dev/null || die "$* is missing and there is no apt-get here to install it.
  Install it the way your system does, and run this again."
  local said
  # What the package tools say matters only when they fail.
  said=$("${as_root[@]}" apt-get update -qq 2>&1 &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" 2>&1) ||
    die "$* could not be installed:"$'\n'"$said"
}

# rust_works: whether cargo here is the version that rust-toolchain.toml asks for, or a newer one.
rust_works() {
  command -v cargo >/dev/null || return 1
  local have
  have=$(cd "$root" && cargo --version 2>/dev/null | cut -d' ' -f2) || return 1
  [[ -n $have && $(printf '%s\n%s\n' "$rust_wanted" "$have" | sort -V | head -n1) == "$rust_wanted" ]]
}

# prepare: afterwards cargo and a C compiler are there.
prepare() {
  rust_wanted=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' "$root/rust-toolchain.toml")
  if ! command -v cc >/dev/null || [[ $(uname -s) == Linux && ! -f /usr/include/stdlib.h ]]; then
    install_packages "a C compiler builds the zstd library and links the program" build-essential
  fi
  [[ -d $HOME/.cargo/bin ]] && PATH="$PATH:$HOME/.cargo/bin"
  rust_works && return
  if ! command -v rustup >/dev/null; then
    local missing=()
    command -v curl >/dev/null || missing+=(curl)
    [[ -e /etc/ssl/certs/ca-certificates.crt ]] || missing+=(ca-certificates)
    ((${#missing[@]} == 0)) || install_packages "needed to fetch Rust" "${missing[@]}"
    say "${bold}installing${plain} rustup, by its own installer, into ~/.cargo and ~/.rustup: Rust $rust_wanted is missing"
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
      sh -s -- -y --no-modify-path --profile minimal --default-toolchain none >&2 ||
      die "rustup could not be fetched. Install Rust $rust_wanted another way and run this again."
    PATH="$HOME/.cargo/bin:$PATH"
  fi
  say "${bold}installing${plain} Rust $rust_wanted, which rust-toolchain.toml asks for"
  rustup toolchain install "$rust_wanted" --profile minimal --component rustfmt --component clippy >&2
  # A cargo of the system may stand before rustup's in the path.
  PATH="$HOME/.cargo/bin:$PATH"
  rust_works || die "Rust $rust_wanted was installed, and cargo is still another version: $(command -v cargo)"
}

# prepare_browser: whether a browser and what drives it are there; else browser_missing says what is not.
# Continuous integration installs the browser; anybody else decides that for themselves.
prepare_browser() {
  browser_missing=''
  chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
  if [[ -z $chromium && ${CI:-} == true && $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
    (install_packages "the tests of the HTML report need a browser" chromium) || true
    chromium=$(command -v chromium || true)
  fi
  if [[ -z $chromium ]]; then
    browser_missing="there is no Chromium here (apt-get install chromium, or CHROMIUM=/path/to/it)"
    return 1
  fi
  if ! command -v node >/dev/null || ! command -v npm >/dev/null || (($(node -p 'process.versions.node.split(".")[0]') < 20)); then
    browser_missing="Node.js 20 or newer with npm is needed"
    return 1
  fi
  if [[ ! -d $root/ui-tests/node_modules || $root/ui-tests/package-lock.json -nt $root/ui-tests/node_modules ]]; then
    say "${bold}installing${plain} what drives the browser into ui-tests/node_modules"
    if ! (cd "$root/ui-tests" && npm ci --silent --no-audit --no-fund >&2); then
      browser_missing="npm could not install playwright-core and axe-core"
      return 1
    fi
    touch "$root/ui-tests/node_modules"
  fi
}

# prepare_mcp: a Python with the official client of the Model Context Protocol, which drives `vedette mcp` in a test; without
# it that test says that it was skipped.
prepare_mcp() {
  local version=2.3.0 venv=$HOME/.cache/vedette/tools/mcp
  [[ -z ${VEDETTE_MCP_PYTHON:-} ]] || return 0
  "$venv/bin/python" -c "from importlib.metadata import version as v; assert v('mcp') == '$version'" 2>/dev/null && return
  if ! python3 -c 'import venv, ensurepip' 2>/dev/null && [[ ${CI:-} == true && $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
    (install_packages "a test drives vedette mcp with the official client" python3-venv) || true
  fi
  say "${bold}installing${plain} the Python package mcp $version into $venv: drives vedette mcp in a test"
  rm -rf "$venv"
  if ! { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check "mcp==$version"; } >&2; then
    rm -rf "$venv"
    say "it could not be installed from here, so that test will be skipped"
  fi
}
