# shellcheck shell=bash
# What the tests of both command lines share: a private world, commands that are run or started, and
# checks of their status and words. Set $suite before; source it first of all.
cd "$(dirname "$0")/../.." || exit 1
root_dir=$PWD
build=$(realpath -m "${BUILD:-build}")
# shellcheck source=../world.sh
. tests/world.sh
world=/run/world

# The world is the kernel's to remove, however this ends.
if [ -z "${CLI_WORLD:-}" ]; then
	exec env CLI_WORLD=1 unshare --mount --net --pid --fork --kill-child --mount-proc "$0" "$@"
fi

failed=0
trouble=

# Goes to a scratch directory with both programs in bin, where user bind can run them.
world_enter() {
	tmpfs_over /run 755 || exit 1
	mkdir -m 1777 "$world"
	cd "$world" || exit 1
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	mkdir bin
	install -m 755 "$build"/nat64-{monitor,update} bin
	ip link set lo up
}

wrong() {
	trouble+="# $*"$'\n'
}

# run STATUS COMMAND...: standard output and error are left in the files out and err.
run() {
	local expected=$1 status
	shift
	timeout $((60 * patience)) "$@" >out 2>err </dev/null
	status=$?
	[ "$status" -eq "$expected" ] || wrong "status $status, not $expected: $*"
}

says() {
	grep -qF -- "$1" err || wrong "expected on standard error: $1"
}

says_only() {
	[ "$(cat err)" = "$1" ] || wrong "expected on standard error only: $1"
}

prints() {
	grep -qxF -- "$1" out || wrong "expected on standard output: $1"
}

prints_nothing() {
	[ ! -s out ] || wrong "standard output is not empty"
}

# test_that NAME: the checks since the last one.
test_that() {
	if [ -z "$trouble" ]; then
		echo "ok - $suite: $1"
	else
		echo "not ok - $suite: $1"
		echo -n "$trouble"
		sed 's/^/#   err: /' err | head -n 20
		failed=1
	fi
	trouble=
}

# start COMMAND... in the background: its pid is in $started. What an earlier one printed is gone at
# once, lest a wait for the words of this one finds those.
start() {
	: >out
	: >err
	"$@" >>out 2>>err </dev/null & # so that a test can empty them once more
	started=$!
}

# ends STATUS: of what was started, within some seconds.
ends() {
	local status
	wait_until 10 gone "$started" || {
		wrong "did not end"
		kill -KILL "$started"
	}
	wait "$started"
	status=$?
	[ "$status" -eq "$1" ] || wrong "status $status, not $1"
}

# shellcheck disable=SC2317
gone() {
	! kill -0 "$1" 2>/dev/null
}
