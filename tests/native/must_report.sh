#!/bin/sh
# must_report.sh PROGRAM FAULT TEXT: the sanitizer that PROGRAM is built with ends it
# and says TEXT. TAP.
set -u
log=$("$1" "$2" 2>&1)
code=$?
echo 1..1
case $code:$log in
0:*) echo "not ok 1 - $2 is reported: the sanitizer is silent" ;;
*"$3"*) echo "ok 1 - $2 is reported (exit $code)" ;;
*)
	echo "not ok 1 - $2 is reported"
	printf '%s\n' "$log" | sed 's/^/# /'
	;;
esac
