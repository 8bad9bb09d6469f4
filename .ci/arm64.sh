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
root=$cache/root
tools=$out/tools
fresh=$out/fresh-aarch64/bin
logs=$out/logs
# LSE as an emulator's best CPU has it, and a CPU without.
lse=max llsc=cortex-a72
# Emulation is some ten times slower: time limits grow by so much, random programs shrink.
export VMEMSTRESS_TEST_SCALE=10
# What the emulated Python has compiled once it finds again: else every start takes thrice as long.
unset PYTHONDONTWRITEBYTECODE

. .ci/stages.sh
. .ci/arm64_build.sh
. .ci/arm64_tests.sh

if [ "$(uname -m)" = aarch64 ]; then
	missing "this machine is aarch64 itself: make test native tests it without an emulator"
fi
sh .ci/check_host.sh "$python"
find_packages
rm -rf "$logs"
mkdir -p "$logs" "$cache"

# ---- what it is built with, and both wheels ----

x86_64() {
	stage "tools" fetch_tools
	stage "x86_64 wheel" wheel x86_64
	stage "audit of the x86_64 wheel" audit x86_64
}

user_land() {
	stage "emulator and cross compiler" fetch_packages
	stage "aarch64 user land" sh .ci/arm64_userland.sh "$cache"
}

aarch64() {
	stage "aarch64 wheel and C tests" wheel_aarch64
	stage "audit of the aarch64 wheel" audit aarch64
}

# Waits for the network while the other compiles.
downloads() {
	stage "x86_64 package installed" install x86_64 "$python"
	stage "aarch64 packages fetched" fetch_wheels
}

together x86_64 user_land
if [ "${1:-}" = wheels ]; then
	together aarch64
	exit
fi
together aarch64 downloads

# ---- the tests ----

# Once everything; without LSE what has atomics of the machine's in it; with larger pages
# what knows the size of a page.
atomic="add_unless atomics_llsc fault_insn hunt_bugs kapi_atomic lock loops_atomics meet rcu"
paged="catalogue frames hunt_vmemmap loops_remap mmu pause"

# shellcheck disable=SC2086
core() {
	stage "C tests on $lse" native $lse 4096
	stage "C tests on $llsc" native $llsc 4096 $atomic
	stage "C tests, pages of 16 KiB" native $lse 16384 $paged
	stage "C tests, pages of 64 KiB" native $lse 65536 $paged model_litmus
}

# Of the Python tests those of what a machine may do differently; without LSE not those of
# the search and of the border, which have none of its atomics.
hunted="tests/api/test_api.py tests/catalogue/test_user_files.py tests/cli/test_arm64.py
	tests/hunt/test_regimes.py"
search="tests/lib/test_border.py tests/verify/test_verify_user_files.py"

# shellcheck disable=SC2086
package() {
	# the emulated Python runs pip
	stage "aarch64 package installed" install aarch64 "$root/usr/bin/python3" --no-index \
		--find-links "$cache/wheels" --requirement "$out/requirements"
	stage "verdicts of both architectures" verdicts
	stage "Python tests on $lse" python_tests $lse $hunted $search
	stage "Python tests on $llsc" python_tests $llsc $hunted
}

together core package
echo "== aarch64 under emulation: all passed in $((SECONDS - begun)) s"
cat <<LEFT_OUT
left out: model_trust but for a tenth of its programs; on $llsc what has no atomics in it; with
pages of 16 and 64 KiB what does not know their size, and faults: the emulator fills up a page of
its own size behind the end of a file, so there is no SIGBUS
not shown by emulation, and so not tested here: weak ordering, speed, TLBs, the syndrome register;
and of the Python tests what does not depend on the machine
LEFT_OUT
