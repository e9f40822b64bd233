# shellcheck shell=bash
# What lab tests are made of besides the lab itself: expectations that end the test with a reason
# when they are not met, and arrangements that many tests share.

fail() {
	echo "$*"
	local i
	for ((i = ${#FUNCNAME[@]} - 1; i > 0; i--)); do
		case ${BASH_SOURCE[i]} in
		*/test_* | */check_*) echo "  at ${BASH_SOURCE[i]##*/}:${BASH_LINENO[i - 1]}" ;;
		esac
	done
	exit 1
}

# skip REASON: what the test needs cannot be had here.
skip() {
	echo "$*"
	exit 77
}

# within SECONDS CONDITION...
within() {
	wait_until "$@" || fail "not within $1 s: ${*:2}"
}

now() {
	"$@" || fail "not so: $*"
}

# throughout SECONDS CONDITION...
throughout() {
	local end=$((SECONDS + $1))
	while [ "$SECONDS" -lt "$end" ]; do
		"${@:2}" || fail "not so for $1 s: ${*:2}"
		sleep 0.1
	done
}

# pair_serving N...: a pair that has brought the set of these gateways into BIND.
pair_serving() {
	prefixes_write "$@"
	pair_start
	within 10 serving "$@"
}

# Each line of the record since it began; the times are left out.
answers_were() {
	local seen wanted
	seen=$(cut -d ' ' -f 2- "$1")
	wanted=$(printf '%s\n' "${@:2}")
	[ "$seen" = "$wanted" ] || fail "BIND's answers were:
$(cat "$1")
and not:
$wanted"
}

# dns64_conf N...: a file as the updater would leave it.
dns64_conf() {
	local n
	for n; do echo "dns64 ${prefixes[n]} { };"; done
}

logged() {
	grep -q -e "$1" "$pair_log"
}

# unprivileged PID: as bind, and with nothing that it could do more than bind.
unprivileged() {
	local uid
	uid=$(id -u bind)
	grep -q "^Uid:	$uid	$uid	$uid	$uid$" "/proc/$1/status" &&
		grep -q '^CapPrm:	0*$' "/proc/$1/status" &&
		grep -q '^CapEff:	0*$' "/proc/$1/status" &&
		grep -q '^CapInh:	0*$' "/proc/$1/status" &&
		grep -q '^CapAmb:	0*$' "/proc/$1/status"
}

# confined PID: besides, never to gain anything, and behind a system call filter.
confined() {
	unprivileged "$1" &&
		grep -q '^NoNewPrivs:	1$' "/proc/$1/status" &&
		grep -q '^Seccomp:	2$' "/proc/$1/status"
}

# What a lab could leave on a machine: processes, interfaces, namespaces, mounts, files.
traces() {
	pgrep -l 'nat64|named|tayga|demo|unshare|setpriv|dig|answers' | cut -d ' ' -f 2 | sort
	ip -o link | cut -d : -f 2
	ls /run/netns
	cut -d ' ' -f 2 /proc/mounts
	find /run /etc/bind /var/lib/bind /var/cache/bind /usr/local -not -path "$scratch/*"
}

no_new_traces() {
	traces | diff "$scratch/before" - >"$scratch/diff"
}

# doc_block NAME: the lines of a block of docs/operations.md, by the second word behind its fence.
doc_block() {
	local block
	block=$(awk -v name="$1" '/^```/ { if (inside) exit; inside = $2 == name; next } inside' \
		"$root_dir/docs/operations.md")
	[ -n "$block" ] || fail "docs/operations.md has no block $1"
	printf '%s\n' "$block"
}

# doc_table NAME: the cells of the table behind the comment <!-- NAME -->, without its head.
doc_table() {
	local table
	table=$(awk -v name="<!-- $1 -->" '$0 == name { inside = 1; next }
		inside && /^\|/ { row++; if (row > 2) print; next }
		inside && row { exit }' "$root_dir/docs/operations.md" | tr -d '`,' |
		sed 's/^| *//; s/ *|$//; s/ *| */ | /g')
	[ -n "$table" ] || fail "docs/operations.md has no table $1"
	printf '%s\n' "$table"
}

# doc_install SCENARIO FILE...: files of the document, where it says they are.
doc_install() {
	local file text
	for file in "${@:2}"; do
		text=$(doc_block "$1:$file") || fail "$text"
		on_server tee "$file" <<<"$text" >/dev/null
	done
}
