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

# native CPU PAGESIZE: the C tests on this emulated CPU
native() {
	local log=$out/native-$1-$2.log
	step "native tests, $1, pages of $2"
	QEMU_CPU=$1 QEMU_PAGESIZE=$2 meson test -C "$out/aarch64/build" --no-rebuild \
		--timeout-multiplier 5 --print-errorlogs >"$log" 2>&1 || {
		tail -n 60 "$log" >&2
		echo "vmemstress: native tests FAILED on $1 with pages of $2 ($log)" >&2
		exit 1
	}
	grep -E '^(Ok|Skipped|Fail):' "$log" | tr -s ' \n' ' '
	echo
}

lse=max llsc=cortex-a72
native $lse 4096
native $llsc 4096
native $lse 16384
native $lse 65536
