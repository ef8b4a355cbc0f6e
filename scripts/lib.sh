# Shared by everything in scripts/, which sources it: the packages, the build directories, and the
# counting of test results. Sourcing it changes into the root of the repository.
# shellcheck shell=bash

set -euo pipefail

script_name="scripts/$(basename "$0")"
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
python=/usr/bin/python3

# Debian's names. A group is installed only when a command of the user's needs it.
packages_build=(
    g++ meson ninja-build pkg-config liburing-dev libsimdjson-dev libcli11-dev libspdlog-dev
    libfmt-dev libboost-dev libncurses-dev libsodium-dev libsqlite3-dev
)
packages_test_build=("${packages_build[@]}" catch2 python3)
packages_test=(
    "${packages_test_build[@]}" chromium clang-format-19 curl fonts-dejavu-core groff-base
    inetutils-telnet ncat netcat-openbsd python3-websockets socat tmux xxd
)
packages_clang=(clang-19 libclang-rt-19-dev)
packages_tidy=(clang-tidy-19)

# Suites that must hold at least one test: an empty one is a failure, never a silent pass.
# simulation-short is the few seconds of the simulation that `scripts/test --quick` runs.
suites_required=(unit form simulation simulation-short integration fuzz-replay)

say() { printf '%s: %s\n' "$script_name" "$*" >&2; }
die() { say "$*"; exit 1; }
die_usage() { say "$*; see $script_name --help"; exit 64; }

# ---- packages -----------------------------------------------------------------------------------

# missing_packages PACKAGE... : prints those that are not installed, one a line.
missing_packages() {
    local -A installed=()
    local package state
    while read -r package state; do
        if [[ $state == installed ]]; then installed[$package]=yes; fi
    done < <(dpkg-query --show --showformat='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null)
    for package in "$@"; do
        if [[ -z ${installed[$package]:-} ]]; then printf '%s\n' "$package"; fi
    done
}

# missing_node_packages : the same for node and npm, which often come from elsewhere than Debian.
missing_node_packages() {
    if ! command -v node >/dev/null; then printf 'nodejs\n'; fi
    if ! command -v npm >/dev/null; then printf 'npm\n'; fi
}

# need_packages PACKAGE... : installs what is missing; silent when nothing is.
# The word node-and-npm stands for the two commands rather than for packages.
need_packages() {
    local missing wanted=() package node=no
    for package in "$@"; do
        if [[ $package == node-and-npm ]]; then node=yes; else wanted+=("$package"); fi
    done
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        die "no apt-get here: this needs Debian 12 or a relative (packages: ${wanted[*]})"
    fi
    mapfile -t missing < <(
        missing_packages "${wanted[@]}"
        if [[ $node == yes ]]; then missing_node_packages; fi
    )
    if ((${#missing[@]} > 0)); then install_packages "${missing[@]}"; fi
}

install_packages() {
    local log=build/logs/install.log as_root=()
    if [[ $(id -u) != 0 ]]; then
        if ! command -v sudo >/dev/null; then
            die "missing packages, and neither root nor sudo to install them: apt-get install $*"
        fi
        as_root=(sudo)
        # Without a terminal nobody can type the password, and one line says so.
        if [[ ! -t 0 ]]; then as_root+=(-n); fi
        if ! "${as_root[@]}" true 2>/dev/null; then
            die "missing packages, and sudo refused: as root type apt-get install $*"
        fi
    fi
    open_logs
    say "installing by apt-get: $*"
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -qq
        -o DPkg::Lock::Timeout=300)
    # An update that fails in part may still be enough, so the install decides.
    "${apt[@]}" update >"$log" 2>&1 </dev/null || true
    if ! "${apt[@]}" install -y --no-install-recommends "$@" >>"$log" 2>&1 </dev/null; then
        die "apt-get could not install them: $(last_error "$log" '^E: ') (all of it: $log)"
    fi
}

# last_error FILE PATTERN : the last line that matches, else the last line.
last_error() {
    local line
    line=$(grep -E "$2" "$1" | tail -n 1) || line=$(tail -n 1 "$1")
    printf '%s' "${line:-it said nothing}"
}

# need_node_modules : `npm ci` in each test folder whose lock file changed since the last time.
need_node_modules() {
    local lock folder log
    while read -r lock; do
        folder=$(dirname "$lock")
        if cmp -s "$lock" "$folder/node_modules/.installed-lock"; then continue; fi
        open_logs
        log=build/logs/npm.log
        say "installing by npm ci, in $folder: what $lock pins"
        if ! (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund) >"$log" 2>&1 </dev/null; then
            die "npm ci failed in $folder: $(last_error "$log" '^npm (ERR!|error) (code|[0-9]|.*reason:)') (all of it: $log)"
        fi
        mkdir -p "$folder/node_modules"
        cp "$lock" "$folder/node_modules/.installed-lock"
    done < <(lock_files)
}

lock_files() { find tests -name package-lock.json -not -path '*/node_modules/*' | sort; }

# need_for_tests : all that `scripts/test` and its like need beyond a compiler.
need_for_tests() {
    local node=()
    if [[ -n $(lock_files) ]]; then node=(node-and-npm); fi
    need_packages "${packages_test[@]}" "${node[@]}" "$@"
    need_node_modules
}

# ---- build directories --------------------------------------------------------------------------

open_logs() {
    if ! mkdir -p build/logs 2>/dev/null || [[ ! -w build || ! -w build/logs ]]; then
        die "cannot write to $root/build; if another user built there: sudo rm -r '$root/build'"
    fi
}

# prepare NAME : configures build/NAME if need be. The one list of build directories.
prepare() {
    # A report names lines, for which -g1 is enough; more costs the compiler a quarter of its time.
    local lines=(-Ddebug=false -Dcpp_args=-g1 -Dc_args=-g1)
    # Sanitized and instrumented builds draw warnings from g++ that the plain build, where they
    # are errors, does not have. They cost the compiler the most, and less where it sees eight files
    # at once; that each stands alone, the plain build shows.
    local options='-g1 -fno-sanitize-recover=all'
    local sanitized=(--buildtype=debug -Ddebug=false -Doptimization=1 -Dwerror=false
        -Dcostly_asserts=true -Dunity=on -Dunity_size=8 "-Dcpp_args=$options" "-Dc_args=$options")
    case $1 in
        release) configure "$1" g++ --buildtype=release -Dtests=false ;;
        test) configure "$1" g++ -Doptimization=2 "${lines[@]}" -Dcostly_asserts=true ;;
        clang) configure "$1" clang++-19 -Doptimization=2 "${lines[@]}" -Dcostly_asserts=true ;;
        asan) configure "$1" g++ "${sanitized[@]}" -Db_sanitize=address,undefined ;;
        tsan) configure "$1" g++ "${sanitized[@]}" -Db_sanitize=thread ;;
        fuzz) configure "$1" clang++-19 "${sanitized[@]}" -Db_sanitize=address,undefined \
            -Db_lundef=false -Dfuzz=true ;;
        *) die "no build directory is called $1" ;;
    esac
}

# configure NAME COMPILER OPTION... : `meson setup build/NAME`, unless done so before.
# A directory set up otherwise, or moved from elsewhere, is made anew: no option lingers.
configure() {
    local name=$1 cxx=$2 cc dir=build/$1 log=build/logs/$1-setup.log wanted
    shift 2
    cc=${cxx/clang++/clang}
    cc=${cc/g++/gcc}
    wanted="$root $cxx $*"
    open_logs
    if [[ -f $dir/build.ninja && $(cat "$dir/.configured" 2>/dev/null) == "$wanted" ]]; then
        return
    fi
    rm -rf "$dir"
    if ! CC=$cc CXX=$cxx meson setup "$dir" "$@" >"$log" 2>&1 </dev/null; then
        die "meson could not set up $dir: $(last_error "$log" 'ERROR:') (all of it: $log)"
    fi
    printf '%s' "$wanted" >"$dir/.configured"
}

# build NAME [TARGET...] : builds in build/NAME; shows output only when it fails. Returns non-zero
# then, so that the caller decides what a failed build means.
build() {
    local name=$1 dir=build/$1 log=build/logs/$1-build.log
    shift
    if ninja -C "$dir" -n "$@" 2>/dev/null | grep -q 'no work to do'; then return 0; fi
    say "building $dir${*:+ ($*)}"
    if [[ -t 2 ]]; then
        # On a terminal ninja's own one-line progress is shown, and its errors.
        if ninja -C "$dir" -j "$(nproc)" "$@" >&2; then return 0; fi
    else
        if ninja -C "$dir" -j "$(nproc)" --quiet "$@" >"$log" 2>&1; then return 0; fi
        head -n 60 "$log" | cut -c 1-500 >&2
    fi
    say "the build failed in $dir; to repeat it: ninja -C $dir $*"
    return 1
}

# ---- counting -----------------------------------------------------------------------------------

passed=0
failed=0
skipped=0

pass() { passed=$((passed + 1)); say "ok       $*"; }
fail() { failed=$((failed + 1)); say "FAILED   $*"; }

# step NAME COMMAND... : runs the command and counts it as one test.
step() {
    local name=$1
    shift
    if "$@"; then pass "$name"; else fail "$name"; fi
}

is_required() { [[ " ${suites_required[*]} " == *" $1 "* ]]; }

# run_suites NAME LABEL SUITE... -- [MESON-OPTION...] : runs those suites of build/NAME and counts
# each test. An empty suite is passed over, unless it is required.
run_suites() {
    local name=$1 label=$2 suites=() chosen=() suite present status=0
    shift 2
    while (($#)) && [[ $1 != -- ]]; do
        suites+=("$1")
        shift
    done
    if (($#)); then shift; fi

    local dir=build/$name
    local results=$dir/meson-logs/$label.json log=build/logs/$name-$label.log
    # meson reads its own files when asked for the tests, so they are brought up to date first.
    if ! ninja -C "$dir" build.ninja >"$log" 2>&1; then
        fail "$label: meson could not set up $dir: $(last_error "$log" 'ERROR:')"
        return 0
    fi
    if ! present=$("$python" scripts/results.py suites "$dir"); then
        fail "$label: the list of tests in $dir cannot be read"
        return 0
    fi
    for suite in "${suites[@]}"; do
        if grep -qxF -- "$suite" <<<"$present"; then
            chosen+=(--suite "$suite")
        elif is_required "$suite"; then
            fail "$label: suite $suite has no test"
        else
            say "none yet $label: suite $suite"
        fi
    done
    if ((${#chosen[@]} == 0)); then return 0; fi

    local started=$SECONDS counts run_passed run_failed run_skipped
    rm -f "$results"
    meson test -C "$dir" --logbase "$label" "${chosen[@]}" "$@" >"$log" 2>&1 </dev/null || status=$?
    if ((status >= 128)); then die "$label: interrupted"; fi
    if ! counts=$("$python" scripts/results.py count "$results"); then
        head -n 60 "$log" | cut -c 1-500 >&2
        fail "$label: nothing ran (all of it: $log)"
        return 0
    fi
    read -r run_passed run_failed run_skipped <<<"$counts"
    passed=$((passed + run_passed))
    failed=$((failed + run_failed))
    skipped=$((skipped + run_skipped))
    if ((run_failed > 0)); then
        say "FAILED   $label: $run_failed of $((run_passed + run_failed)) (all of it: $log)"
    elif ((status != 0)); then
        tail -n 20 "$log" | cut -c 1-500 >&2
        fail "$label: meson test ended with $status (all of it: $log)"
    elif ((run_passed + run_skipped == 0)); then
        fail "$label: no test ran (all of it: $log)"
    else
        say "ok       $label: $run_passed passed, $run_skipped skipped, $((SECONDS - started)) s"
    fi
}

# finish : the closing line; fails when a test failed or none passed.
finish() {
    local line="$passed passed, $failed failed"
    if ((skipped > 0)); then line+=", $skipped skipped"; fi
    printf '%s\n' "$line"
    ((failed == 0 && passed > 0))
}

# A sanitizer's first report ends the program, whether test or chatd.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}
