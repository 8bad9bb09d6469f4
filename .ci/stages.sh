# Stages of a long run, some of them side by side; sourced by a bash script that sets $logs.
#
# stage NAME COMMAND...   runs it as a shell of its own with -e. One line when it has ended,
#                         with its seconds and what it told; all that it printed when it
#                         failed, and then the caller ends too.
# tell TEXT...            in a stage: what the run shows of it; $log has what it has printed.
# together LANE...        functions that call stage, side by side, each to its end or first
#                         failure; any failure is the script's. An interrupt ends them all.

begun=$SECONDS
lanes=()

tell() {
	echo "   $*" >&3
}

stage() {
	local name=$1 from=$SECONDS code=0 log
	log=$logs/$(echo "$1" | tr -cs 'a-zA-Z0-9\n' '-')
	shift
	# in the background: as part of a condition -e would mean nothing
	(
		set -e
		"$@"
	) >"$log" 2>&1 3>"$log.told" &
	wait $! || code=$?
	if [ $code != 0 ]; then
		printf '== %s: FAILED after %d s, exit code %d\n%s\n== end of %s\n' "$name" \
			$((SECONDS - from)) $code "$(cat "$log.told" "$log")" "$name" >&2
		exit $code
	fi
	# one write, lest the lines of two lanes mix
	printf '== %s: %d s (%d s since the start)\n%s' "$name" $((SECONDS - from)) \
		$((SECONDS - begun)) "$(cat "$log.told" && echo .)" | sed '$d'
}

# signal_lanes SIGNAL: true when anything was left that could hear it
signal_lanes() {
	local lane heard=1
	for lane in "${lanes[@]}"; do
		kill "-$1" -- "-$lane" 2>/dev/null && heard=0
	done
	return $heard
}

end_lanes() {
	local waits=0
	trap '' INT TERM
	signal_lanes TERM || true
	# whoever cleans up has time for it; an emulated program that hangs hears nothing
	while [ $((waits += 1)) -lt 25 ] && signal_lanes 0; do
		sleep 0.2
	done
	signal_lanes KILL || true
	echo "vmemstress: interrupted" >&2
	exit "$1"
}

together() {
	local lane code=0
	trap 'end_lanes 130' INT
	trap 'end_lanes 143' TERM
	set -m # a process group for each lane, by which it can be ended with all that it started
	for lane in "$@"; do
		"$lane" </dev/null &
		lanes+=($!)
	done
	set +m
	for lane in "${lanes[@]}"; do
		wait "$lane" || code=$?
	done
	lanes=()
	[ $code = 0 ] || exit $code
}
