#!/usr/bin/env bash
# What aarch64 must pass, on an x86-64 machine, under emulation: the wheel is cross-built,
# audited, installed by an aarch64 Python and tested there, with LSE and with LL/SC atomics
# and with pages of 4, 16 and 64 KiB. Needs Debian, Python and gcc; installs what else it
# needs when it may. Caches the user land and the downloads under $XDG_CACHE_HOME.
#
# arm64.sh [wheels]: with `wheels` it stops after the audit of both wheels.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
out=$PWD/build/arm64
cache=${XDG_CACHE_HOME:-$out}
[ "$cache" = "$out" ] || cache=$cache/vmemstress/arm64
begun=$SECONDS

missing() {
	echo "vmemstress: $1" >&2
	exit 3
}

step() {
	echo "== $1 ($((SECONDS - begun)) s)"
}

need() {
	local packages=()
	command -v qemu-aarch64-static >/dev/null || command -v qemu-aarch64 >/dev/null ||
		packages+=(qemu-user-static)
	command -v aarch64-linux-gnu-gcc >/dev/null && test -d /usr/aarch64-linux-gnu/include ||
		packages+=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
	[ ${#packages[@]} = 0 ] && return
	command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
		missing "the emulated tests need Debian's packages ${packages[*]}, and there is no apt-get here"
	[ "$(id -u)" = 0 ] ||
		missing "the emulated tests need packages that are missing; install them (apt install ${packages[*]})"
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
		--no-install-recommends "${packages[@]}" >/dev/null ||
		missing "cannot install ${packages[*]}"
}

# ---- what it is built and run with ----

if [ "$(uname -m)" = aarch64 ]; then
	missing "this machine is aarch64 itself: make test native tests it without an emulator"
fi
step "tools"
sh .ci/check_host.sh "$python"
need
mkdir -p "$out" "$cache"
sh .ci/arm64_userland.sh "$cache"
root=$cache/root
tools=$out/tools
if [ ! -f "$tools/.done" ]; then
	"$python" -m venv "$tools"
	"$tools/bin/python" -m pip install --quiet --disable-pip-version-check \
		'meson-python>=0.21' meson ninja 'cffi>=2.1' abi3audit auditwheel
	touch "$tools/.done"
fi
export PATH="$tools/bin:$PATH"

# ---- the wheels of both architectures ----

# wheel NAME [SETTING...]: one wheel in $out/NAME/dist, its build tree in $out/NAME/build
wheel() {
	local name=$1
	shift
	rm -rf "$out/$name/dist"
	mkdir -p "$out/$name/dist"
	if ! "$tools/bin/python" -c '
import sys, mesonpy
out, *arguments = sys.argv[1:]
settings = {"setup-args": arguments, "builddir": out + "/build"}
mesonpy.build_wheel(out + "/dist", settings)' "$out/$name" "$@" >"$out/$name/log" 2>&1; then
		grep -E 'error|FAILED' "$out/$name/log" >&2 || tail -n 20 "$out/$name/log" >&2
		echo "vmemstress: the $name wheel could not be built ($out/$name/log)" >&2
		exit 1
	fi
	if grep -q 'warning:' "$out/$name/log"; then
		grep -A3 'warning:' "$out/$name/log" >&2
		echo "vmemstress: the $name build warns" >&2
		exit 1
	fi
}

step "wheels"
wheel x86_64
# the platform of the wheel's name, which Python would take from the machine that builds
_PYTHON_HOST_PLATFORM=linux-aarch64 wheel aarch64 \
	"--cross-file=$cache/cross.ini" -Dnative_tests=true
for name in x86_64 aarch64; do
	sh .ci/audit_wheel.sh "$out/$name/dist"/*.whl "$name"
done
[ "${1:-}" = wheels ] && exit 0

# ---- the C core ----

# Emulation is some ten times slower: time limits grow by so much, random programs shrink.
export VMEMSTRESS_TEST_SCALE=10
# LSE as an emulator's best CPU has it, and a CPU without.
lse=max llsc=cortex-a72

# native CPU PAGESIZE [TEST...]: the C tests, or these, on this emulated CPU
native() {
	local cpu=$1 page=$2 log=$out/native-$1-$2.log
	shift 2
	step "C tests on $cpu, pages of $page"
	QEMU_CPU=$cpu QEMU_PAGESIZE=$page meson test -C "$out/aarch64/build" --no-rebuild \
		--timeout-multiplier $VMEMSTRESS_TEST_SCALE --print-errorlogs "$@" >"$log" 2>&1 || {
		grep -E '^not ok|^# |FAIL|ERROR|TIMEOUT' "$log" >&2
		echo "vmemstress: C tests FAILED on $cpu with pages of $page ($log)" >&2
		exit 1
	}
	grep -E '^(Ok|Skipped):' "$log" | tr -s ' \n' ' '
	echo
}

# Once everything; without LSE what has atomics of the machine's in it; with larger pages
# what knows the size of a page.
atomic="add_unless atomics_llsc fault_insn hunt_bugs kapi_atomic lock loops_atomics meet rcu"
paged="catalogue frames hunt_vmemmap loops_remap mmu pause"
native $lse 4096
# shellcheck disable=SC2086
{
	native $llsc 4096 $atomic
	native $lse 16384 $paged
	native $lse 65536 $paged model_litmus
}
echo "left out: model_trust but for a tenth of its programs; on $llsc what has no atomics in it;" \
	"with pages of 16 and 64 KiB what does not know their size, and faults: the emulator fills" \
	"up a page of its own size behind the end of a file, so there is no SIGBUS"

# ---- the package ----

step "installing the wheels, without what the report and its browser need"
wheels=$cache/wheels
mkdir -p "$wheels"
"$tools/bin/python" .ci/requirements.py >"$out/requirements"
# by the emulated Python's version; a download is kept, and pip only adds what is new
version=$("$root/usr/bin/python3" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
"$tools/bin/python" -m pip download --quiet --disable-pip-version-check --dest "$wheels" \
	--find-links "$wheels" --python-version "$version" --implementation cp \
	--only-binary=:all: --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 \
	--platform manylinux_2_17_aarch64 --platform manylinux2014_aarch64 \
	--requirement "$out/requirements"
rm -rf "$out/fresh-x86_64" "$out/fresh-aarch64"
"$python" -m venv "$out/fresh-x86_64"
"$out/fresh-x86_64/bin/python" -m pip install --quiet --disable-pip-version-check \
	"$out"/x86_64/dist/*.whl
"$root/usr/bin/python3" -m venv --without-pip "$out/fresh-aarch64"
# the emulated Python runs pip; byte code is compiled when it is needed
"$tools/bin/python" -m pip --python "$out/fresh-aarch64/bin/python" install --quiet \
	--disable-pip-version-check --no-index --find-links "$wheels" --no-compile \
	--requirement "$out/requirements" "$out"/aarch64/dist/*.whl
fresh=$out/fresh-aarch64/bin

step "the same verdicts on both architectures"
"$tools/bin/python" .ci/same_verdicts.py "$out/fresh-x86_64/bin/vmemstress" "$fresh/vmemstress"

# A compiler of the host's builds what the emulated Python loads.
export CC=aarch64-linux-gnu-gcc
# Stripped of what tests only the code that is the same on every machine, or its speed.
tests="tests/unit/test_border.py tests/unit/test_api.py tests/unit/test_plugin.py
	tests/litmus/test_user_files.py tests/cli/test_arm64.py tests/races/test_regimes.py"
for cpu in $lse $llsc; do
	step "Python tests on $cpu"
	# shellcheck disable=SC2086
	QEMU_CPU=$cpu VMEMSTRESS_RACE_SEEDS=1 "$fresh/pytest" -q -p no:cacheprovider \
		-o timeout=900 $tests
done
step "aarch64 under emulation: all passed"
echo "not shown by emulation, and so not tested here: weak ordering, speed, TLBs, the" \
	"syndrome register; and of the Python tests what does not depend on the machine"
