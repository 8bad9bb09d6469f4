# Rooms of arm64.sh: what it is built and run with, and the wheels of both architectures.

missing() {
	echo "vmemstress: $1" >&2
	exit 3
}

# What is missing, in $packages; ends the run at once where it cannot be had.
find_packages() {
	packages=()
	command -v qemu-aarch64-static >/dev/null || command -v qemu-aarch64 >/dev/null ||
		packages+=(qemu-user-static)
	command -v aarch64-linux-gnu-gcc >/dev/null && test -d /usr/aarch64-linux-gnu/include ||
		packages+=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
	[ ${#packages[@]} = 0 ] && return
	command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
		missing "the emulated tests need Debian's packages ${packages[*]}, and there is no apt-get here"
	[ "$(id -u)" = 0 ] ||
		missing "the emulated tests need packages that are missing; install them (apt install ${packages[*]})"
}

fetch_packages() {
	[ ${#packages[@]} = 0 ] && return
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
		--no-install-recommends "${packages[@]}" ||
		missing "cannot install ${packages[*]}"
}

fetch_tools() {
	[ -f "$tools/.done" ] && return
	"$python" -m venv "$tools"
	"$tools/bin/python" -m pip install --quiet --disable-pip-version-check \
		'meson-python>=0.21' meson ninja 'cffi>=2.1' abi3audit auditwheel
	touch "$tools/.done"
}

# By the emulated Python's version; a download is kept, and pip only adds what is new.
fetch_wheels() {
	local version
	version=$("$root/usr/bin/python3" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
	mkdir -p "$cache/wheels"
	"$tools/bin/python" .ci/requirements.py >"$out/requirements"
	"$tools/bin/python" -m pip download --quiet --disable-pip-version-check \
		--dest "$cache/wheels" --find-links "$cache/wheels" --python-version "$version" \
		--implementation cp --only-binary=:all: --platform manylinux_2_28_aarch64 \
		--platform manylinux_2_27_aarch64 --platform manylinux_2_17_aarch64 \
		--platform manylinux2014_aarch64 --requirement "$out/requirements"
}

# wheel NAME [SETTING...]: one wheel in $out/NAME/dist, its build tree in $out/NAME/build
wheel() {
	local name=$1
	shift
	rm -rf "$out/$name/dist"
	mkdir -p "$out/$name/dist"
	# the tools are looked for by name
	PATH=$tools/bin:$PATH "$tools/bin/python" -c '
import sys, mesonpy
out, *arguments = sys.argv[1:]
settings = {"setup-args": arguments, "builddir": out + "/build"}
mesonpy.build_wheel(out + "/dist", settings)' "$out/$name" "$@"
	if grep -q 'warning:' "$log"; then
		echo "vmemstress: the $name build warns"
		return 1
	fi
}

wheel_aarch64() {
	# the platform of the wheel's name, which Python would take from the machine that builds
	export _PYTHON_HOST_PLATFORM=linux-aarch64
	wheel aarch64 "--cross-file=$cache/cross.ini" -Dnative_tests=true
}

audit() {
	PATH=$tools/bin:$PATH sh .ci/audit_wheel.sh "$out/$1/dist"/*.whl "$1"
	tell "$(tail -n 1 "$log")"
}

# install NAME PYTHON [OPTION...]: the wheel by this Python in a fresh environment; byte code is
# compiled when it is needed
install() {
	local name=$1 python=$2
	shift 2
	rm -rf "$out/fresh-$name"
	"$python" -m venv --without-pip "$out/fresh-$name"
	"$tools/bin/python" -m pip --python "$out/fresh-$name/bin/python" install --quiet \
		--disable-pip-version-check --no-compile "$@" "$out/$name/dist"/*.whl
}
