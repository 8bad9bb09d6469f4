#!/bin/sh
# What building needs of the host: a C compiler, Python 3.11 with its headers and
# the venv module. Says in one line what is missing and which package brings it.
python=${1:-python3}

missing() {
	echo "vmemstress: $1" >&2
	exit 3
}

command -v "$python" >/dev/null 2>&1 ||
	missing "no $python; install it (apt install python3)"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
	missing "$python is $("$python" -V 2>&1), 3.11 or newer is needed; name one with make PYTHON=python3.12"
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
	missing "$python has no venv module; install it (apt install python3-venv)"
header=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h
test -f "$header" ||
	missing "the Python headers are missing ($header); install them (apt install python3-dev)"
cc=${CC:-cc}
command -v "${cc%% *}" >/dev/null 2>&1 ||
	missing "no C compiler (${cc%% *}); install one (apt install gcc)"
printf '#include <stdio.h>\nint main(void){return 0;}\n' | $cc -x c - -o /dev/null 2>/dev/null ||
	missing "$cc cannot compile a C program; install the C library's headers (apt install libc6-dev)"
