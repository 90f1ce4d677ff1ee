# Shared by the scripts of this folder; POSIX sh, sourced. Leaves the shell in the project's root.
set -eu
cd "$(dirname "$0")/.."

RUN_PACKAGES="ca-certificates python3 python3-venv libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk"
TEST_PACKAGES="postgresql redis-server chromium libatomic1"
export PATH="$PATH:/usr/sbin:/sbin" LC_ALL="${LC_ALL:-C.UTF-8}"

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

find_python() { # the first interpreter of at least 3.11 that can make virtual environments
  for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  return 1
}

has_library() { ldconfig -p 2>/dev/null | grep -q "$1"; }

has_font() {
  [ -n "$(find /usr/share/fonts -name 'NotoSerifCJK*' 2>/dev/null | head -n 1)" ] ||
    fc-list ':lang=zh' family 2>/dev/null | grep -q 'Noto Serif CJK SC'
}

has() { # by what a package brings, so that other ways of installing it count too
  case "$1" in
    ca-certificates) [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -d /etc/pki/tls/certs ] ;;
    python3) command -v "${PYTHON:-python3}" >/dev/null ;;
    python3-venv) find_python >/dev/null ;;
    libpango-1.0-0) has_library libpango-1.0.so.0 ;;
    libpangoft2-1.0-0) has_library libpangoft2-1.0.so.0 ;;
    libharfbuzz-subset0) has_library libharfbuzz-subset.so.0 ;;
    libatomic1) has_library libatomic.so.1 ;;
    fonts-noto-cjk) has_font ;;
    postgresql) ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null ;;
    redis-server) command -v redis-server >/dev/null || command -v valkey-server >/dev/null ;;
    chromium) command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ;;
  esac
}

missing() {
  for package in "$@"; do
    has "$package" || printf '%s ' "$package"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
  command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

ensure_packages() { # installs what is missing; without the right to, names it and goes on: see refuse_without
  lacking=$(missing "$@")
  [ -n "$lacking" ] || return 0
  if ! may_install; then
    say "缺少软件包：$lacking"
    say "请由管理员执行一次：apt-get install --no-install-recommends $lacking"
    return 0
  fi
  say "正在安装：$lacking"
  log=$(mktemp)
  as_root apt-get update -qq >"$log" 2>&1 || say "apt-get update 未完成，使用已有的软件源信息"
  # shellcheck disable=SC2086  a list of packages
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $lacking >>"$log" 2>&1 ||
    { cat "$log" >&2; say "apt-get 没有装好：$lacking"; }
  rm -f "$log"
}

refuse_without() { # these are needed to go on at all
  for package in "$@"; do
    has "$package" && continue
    [ "$package" != python3-venv ] || die "需要带 venv 的 Python 3.11 或更高版本：apt-get install python3-venv"
    die "缺少 $package，无法继续。请安装后重新运行：apt-get install $package"
  done
}

digest() { cat "$@" | sha256sum | cut -d' ' -f1; }

ensure_python() { # $1: base or dev; what is already there for dev is enough for base
  wanted=$(digest requirements/base.lock requirements/dev.lock)
  [ -x .venv/bin/python ] || rm -f .venv/.installed
  standing=$(cat .venv/.installed 2>/dev/null || true)
  case "$standing" in "dev $wanted" | "$1 $wanted") return 0 ;; esac
  [ -x .venv/bin/python ] || "$(find_python)" -m venv .venv
  say "正在安装 Python 依赖（$1）"
  install_locked "$1" || die "Python 依赖没有装好，请检查网络后重新运行"
  printf '%s\n' "$1 $wanted" >.venv/.installed
}

install_locked() { # uv is quicker; pip knows mirrors that are set only in its own configuration
  pip="env PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip install -q --require-hashes"
  awk '/^uv==/ { on = 1 } on { print } on && !/\\$/ { exit }' requirements/base.lock >.venv/uv.lock
  { { [ -x .venv/bin/uv ] || $pip --no-deps -r .venv/uv.lock; } &&
    env UV_LINK_MODE=copy .venv/bin/uv pip sync -q --python .venv/bin/python --require-hashes "requirements/$1.lock"; } ||
    $pip -r "requirements/$1.lock"
}

ensure_node_modules() {
  wanted=$(digest package-lock.json)
  [ "$(cat node_modules/.installed 2>/dev/null || true)" != "$wanted" ] || return 0
  npm=npm
  npm --version >/dev/null 2>&1 || npm=.venv/bin/npm
  say "正在安装前端库"
  PATH="$PWD/.venv/bin:$PATH" "$npm" ci --silent --ignore-scripts --no-audit --no-fund --omit=peer >&2 ||
    die "前端库没有装好，请检查网络后重新运行"
  printf '%s\n' "$wanted" >node_modules/.installed
}

setup_run() {
  # shellcheck disable=SC2086
  ensure_packages $RUN_PACKAGES
  refuse_without python3 python3-venv ca-certificates
  ensure_python base
  ensure_node_modules
}

setup_test() {
  # shellcheck disable=SC2086
  ensure_packages $RUN_PACKAGES $TEST_PACKAGES
  # shellcheck disable=SC2086
  refuse_without $RUN_PACKAGES $TEST_PACKAGES
  ensure_python dev
  ensure_node_modules
}
