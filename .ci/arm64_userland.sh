#!/bin/sh
# arm64_userland.sh DIR: an aarch64 user land of Debian in DIR/root, with Python, its
# headers and its venv module, from the system's own package sources, and DIR/cross.ini,
# the cross file for meson. What is there already and still fits stays as it is.
#
# The packages are fetched with a package state of their own and unpacked, so neither
# the system's architectures nor its package database change; no program of the user
# land runs meanwhile. Python is started through a script of the host's, which runs the
# emulator: what it starts in turn (sys.executable, pip, a compiler) is started by the
# kernel as anything else is, and neither binfmt_misc nor a container is needed.
set -eu

dir=${1:?usage: arm64_userland.sh DIR}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
root=$dir/root
packages="python3-venv libpython3-dev libstdc++6"
qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64)
# A change of this script or of the release below makes it anew.
release=$(. /etc/os-release && echo "${ID:-debian} ${VERSION_CODENAME:-}")
stamp="$release $(cksum <"$0") $qemu"

if [ "$(cat "$dir/stamp" 2>/dev/null)" = "$stamp" ]; then
	echo "aarch64 user land: cached in $dir"
	exit 0
fi
rm -rf "$root" "$dir/stamp"
mkdir -p "$root" "$dir/state/lists/partial" "$dir/archives/partial" "$dir/none"
: >"$dir/state/status"
cat >"$dir/apt.conf" <<CONF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "$(id -un)";
Dir::State "$dir/state";
Dir::State::status "$dir/state/status";
Dir::Cache "$dir";
Dir::Cache::archives "$dir/archives";
Debug::NoLocking "true";
CONF
export APT_CONFIG="$dir/apt.conf"
# A source without arm64 packages, or one that does not answer, is no reason to stop.
apt-get update -qq >"$dir/apt.log" 2>&1 || true
# shellcheck disable=SC2086
if ! apt-get install -y -qq --download-only $packages >>"$dir/apt.log" 2>&1; then
	grep '^E:' "$dir/apt.log" >&2 || tail -n 5 "$dir/apt.log" >&2
	echo "vmemstress: the arm64 packages of Debian cannot be fetched ($dir/apt.log)" >&2
	exit 3
fi
for package in "$dir"/archives/*.deb; do
	dpkg-deb -x "$package" "$root"
done
rm -rf "$dir/archives" "$dir/state"

# -0: Python finds its virtual environment by the name that it was started with.
python=$(cd "$root/usr/bin" && ls python3.* | grep -x 'python3\.[0-9]*' | head -n 1)
rm -f "$root/usr/bin/python3"
cat >"$root/usr/bin/python3" <<WRAPPER
#!/bin/sh
exec $qemu -0 "\$0" -L $root $root/usr/bin/$python "\$@"
WRAPPER
chmod +x "$root/usr/bin/python3"

# The headers of Python come last, so that the cross compiler's own C library wins.
cat >"$dir/cross.ini" <<CROSS
[binaries]
c = 'aarch64-linux-gnu-gcc'
ar = 'aarch64-linux-gnu-ar'
strip = 'aarch64-linux-gnu-strip'
python = '$root/usr/bin/python3'
exe_wrapper = ['$qemu', '-L', '$root']

[properties]
pkg_config_libdir = '$dir/none'

[built-in options]
c_args = ['-idirafter', '$root/usr/include']

[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
CROSS
"$root/usr/bin/python3" -c 'import sys, platform; print("aarch64 user land:", platform.machine(), "Python", platform.python_version())'
printf '%s' "$stamp" >"$dir/stamp"
