#!/bin/sh
# run_sanitized.sh asan|tsan|plain: build the C core and its native tests under
# AddressSanitizer with UBSan, under ThreadSanitizer, or as they are, in build/, and
# run them.
# Needs meson, ninja and a compiler on PATH.
set -eu

kind=${1:-}
case $kind in
# -O0: the search compiles in 4 s instead of 100 under UBSan
asan) sanitize=address,undefined optimization=0 ;;
tsan) sanitize=thread optimization=1 ;;
plain) sanitize=none optimization=2 ;;
*)
	echo "usage: run_sanitized.sh asan|tsan|plain" >&2
	exit 2
	;;
esac
cd "$(dirname "$0")/../.."
dir=build/$kind
log=$dir-setup.log

mkdir -p build
if [ ! -f "$dir/build.ninja" ]; then
	rm -rf "$dir"
	if ! meson setup "$dir" -Dpython=false -Dnative_tests=true -Doptimization=$optimization -Ddebug=true \
		-Db_sanitize="$sanitize" -Db_lundef=false >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		echo "native tests under $kind: the build directory could not be set up" >&2
		exit 1
	fi
fi
rm -f "$log"
if ! meson compile -C "$dir" >"$dir/compile.log" 2>&1; then
	grep -E 'error|FAILED' "$dir/compile.log" >&2 || tail -n 20 "$dir/compile.log" >&2
	echo "native tests under $kind: the build failed" >&2
	exit 1
fi

# Sanitizers own fixed address ranges; where the kernel spreads mappings wider
# than they can bear (vm.mmap_rnd_bits), run without randomisation.
wrap=
bits=$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 28)
if [ "$bits" -gt 28 ] && setarch "$(uname -m)" -R true 2>/dev/null; then
	wrap="setarch $(uname -m) -R"
fi
code=0
$wrap meson test -C "$dir" --no-rebuild --print-errorlogs || code=$?
if [ "$code" -eq 0 ]; then
	echo "native tests under $kind: all passed"
else
	echo "native tests under $kind: FAILED, see $dir/meson-logs/testlog.txt" >&2
fi
exit "$code"
