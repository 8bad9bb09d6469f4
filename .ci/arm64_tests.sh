# Rooms of arm64.sh: the C tests, the verdicts and the Python tests.

# native CPU PAGESIZE [TEST...]: the C tests, or these, on this emulated CPU
native() {
	local cpu=$1 page=$2
	shift 2
	QEMU_CPU=$cpu QEMU_PAGESIZE=$page PATH=$tools/bin:$PATH meson test \
		-C "$out/aarch64/build" --no-rebuild --logbase "$cpu-$page" --print-errorlogs \
		--timeout-multiplier "$VMEMSTRESS_TEST_SCALE" "$@"
	tell "$(grep -E '^(Ok|Skipped):' "$log" | tr -s ' \n' ' ')"
}

verdicts() {
	"$tools/bin/python" .ci/same_verdicts.py "$out/fresh-x86_64/bin/vmemstress" \
		"$fresh/vmemstress"
	tell "$(tail -n 1 "$log")"
}

# python_tests CPU TEST...: these files on this emulated CPU; the two hazards that a hunt must
# find there are told apart, so that nobody leaves their tests out unseen
python_tests() {
	local cpu=$1 hazard
	shift
	# A compiler of the host's builds what the emulated Python loads.
	CC=aarch64-linux-gnu-gcc QEMU_CPU=$cpu VMEMSTRESS_RACE_SEEDS=1 "$fresh/pytest" -q -rA \
		-p no:cacheprovider -o timeout=900 --durations=10 "$@"
	tell "$(tail -n 1 "$log")"
	for hazard in H1 H16; do
		if ! grep -q "^PASSED .*::test_the_hazard_is_met.*-$hazard\]" "$log"; then
			echo "vmemstress: no hunt for $hazard was among the tests"
			return 1
		fi
		tell "hunt finds $hazard on $cpu"
	done
}
