#!/bin/sh
# audit_wheel.sh WHEEL ARCHITECTURE: name, stable ABI and C library of a built wheel.
# Needs abi3audit and auditwheel on PATH.
set -eu
wheel=$1
case $wheel in
*-cp311-abi3-*_"$2".whl) ;;
*)
	echo "vmemstress: $(basename "$wheel") is no cp311-abi3 wheel for $2" >&2
	exit 1
	;;
esac
abi3audit --strict "$wheel"
auditwheel show "$wheel"
