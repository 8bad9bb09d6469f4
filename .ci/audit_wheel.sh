#!/bin/sh
# audit_wheel.sh WHEEL ARCHITECTURE: name, stable ABI and C library of a built wheel.
# Needs abi3audit and auditwheel on PATH.
set -eu
wheel=$1
name=$(basename "$wheel")
case $name in
*-cp311-abi3-*_"$2".whl) ;;
*)
	echo "vmemstress: $name is no cp311-abi3 wheel for $2" >&2
	exit 1
	;;
esac
abi3audit --strict "$wheel"
shown=$(auditwheel show "$wheel" 2>/dev/null)
tag=$(echo "$shown" | tr '\n' ' ' | grep -o 'manylinux_[0-9]*_[0-9]*_[a-z0-9_]*' | head -n 1)
case $tag in
manylinux_*_"$2") ;;
*)
	echo "$shown" >&2
	echo "vmemstress: $name is consistent with no manylinux tag of $2" >&2
	exit 1
	;;
esac
echo "$name: abi3audit finds nothing; auditwheel: $tag as built here"
