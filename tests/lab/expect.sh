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

# probed COUNT: so many more probes go to each prefix of the list, one a second unless it is in doubt. What
# they must not lead to has not come to pass by then.
probed() {
	throughout "$1" true
}

# throughout COUNT CONDITION...: holds while so many more probes go to each prefix of the list.
throughout() {
	local n count=$1 goal=() end=$((SECONDS + 10 * $1 + 60))
	shift
	for n in "${gateways[@]}"; do
		grep -qF "${prefixes[n]}" "$prefix_file" && goal[n]=$(($(probes_to "$n") + count))
	done
	[ "${#goal[@]}" -gt 0 ] || fail "no prefix is listed"
	while [ "${#goal[@]}" -gt 0 ]; do
		"$@" || fail "not so while $count probes went to each prefix: $*"
		sleep 0.2
		[ "$SECONDS" -lt "$end" ] || fail "no $count probes went to each of prefixes ${!goal[*]}"
		for n in "${!goal[@]}"; do
			[ "$(probes_to "$n")" -lt "${goal[n]}" ] || unset "goal[n]"
		done
	done
}

# leaves_by FAULT...: gateway 1 of a set of three is no longer served for it.
leaves_by() {
	pair_serving 1 2 3
	"$@"
	within 60 serving 2 3
}

# costs_nothing FAULT...: no gateway leaves for it, though ten probes a second reach each target of each
# prefix several times. One that dies still does.
costs_nothing() {
	prefixes_write 1 2 3
	pair_start -i 0.2
	within 15 serving 1 2 3
	answers_record "$scratch/record"
	"$@"
	probed 150
	answers_were "$scratch/record" "$(set_of 1 2 3)"
	gateway_kill 1
	within 15 serving 2 3
}

# started_again ROLE: a process of the pair, when it is killed, and BIND's answers do not change by that.
started_again() {
	local old
	pair_serving 1 2 3
	answers_record "$scratch/record"
	old=$("$1")
	kill -KILL "$old"
	within 5 pair_runs
	[ "$("$1")" != "$old" ] || fail "it did not die"
	probed 10
	answers_were "$scratch/record" "$(set_of 1 2 3)"
	gateway_kill 1
	within 10 serving 2 3
	answers_were "$scratch/record" "$(set_of 1 2 3)" "$(set_of 2 3)"
}

# file_without N: the file that BIND would read has no such prefix.
file_without() {
	! grep -q "^dns64 ${prefixes[$1]} " "$dns64_conf"
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

# connections_take_the_same LOSSY OTHER: by the table, nearly, though one of them loses some.
connections_take_the_same() {
	: >"$pair_log"
	kill -USR1 "$(supervisor_pid)"
	wait_until 3 logged "${prefixes[$2]} .*yes" || return
	awk -v lossy="${prefixes[$1]}" -v other="${prefixes[$2]}" '
		function ms(    i) { for (i = 1; i < NF; i++) if ($i == "yes") return $(i + 2) }
		index($0, lossy " ") && / yes / { at = ms(); loss = / [1-9][0-9]*% / }
		index($0, other " ") && / yes / { by = ms() }
		END { exit !(loss && at > 0 && by > 0 && at - by < 10) }' "$pair_log"
}

# unprivileged PID: as bind, and with nothing that it could do more than bind, now or later.
unprivileged() {
	local uid
	uid=$(id -u bind)
	grep -q "^Uid:	$uid	$uid	$uid	$uid$" "/proc/$1/status" &&
		[ "$(grep -c '^Cap[A-Z][a-z]*:	0*$' "/proc/$1/status")" -eq 5 ]
}

behind_a_filter() {
	[ "$(grep -cE '^(NoNewPrivs:	1|Seccomp:	2)$' "/proc/$1/status")" -eq 2 ]
}

# What a lab could leave on a machine: processes, interfaces, namespaces, mounts, files.
traces() {
	pgrep -l 'nat64|named|tayga|demo|unshare|setpriv|dig|answers' | cut -d ' ' -f 2 | sort
	ip -o link | cut -d : -f 2
	ls /run/netns
	cut -d ' ' -f 2 /proc/mounts
	find /run /etc/bind /var/lib/bind /var/cache/bind /usr/local -not -path "$scratch/*"
}

# Of this lab, which is the system for one inside: names, modes and contents of what a lab writes to.
contents() {
	find /run /etc/bind /var/lib/bind /var/cache/bind /usr/local -not -path "$scratch*" -printf '%M %u %g %T@ %p\n' |
		sort -k 5
	cut -d ' ' -f 2 /proc/mounts
}

no_new_traces() {
	traces | sort | comm -13 <(sort "$scratch/before") - >"$scratch/diff"
	[ ! -s "$scratch/diff" ]
}

# doc_block NAME: leaves the lines of a block of docs/operations.md in $block, by the second word behind its
# fence.
doc_block() {
	block=$(awk -v name="$1" '/^```/ { if (inside) exit; inside = $2 == name; next } inside' \
		"$root_dir/docs/operations.md")
	[ -n "$block" ] || fail "docs/operations.md has no block $1"
}

# doc_table NAME: leaves the cells of the table behind the comment <!-- NAME -->, without its head, in $table.
doc_table() {
	table=$(awk -v name="<!-- $1 -->" '$0 == name { inside = 1; next }
		inside && /^\|/ { row++; if (row > 2) print; next }
		inside && row { exit }' "$root_dir/docs/operations.md" | tr -d '`,' |
		sed 's/^| *//; s/ *|$//; s/ *| */ | /g')
	[ -n "$table" ] || fail "docs/operations.md has no table $1"
}

# doc_install SCENARIO FILE...: files of the document, where it says they are.
doc_install() {
	local file
	for file in "${@:2}"; do
		doc_block "$1:$file"
		on_server tee "$file" <<<"$block" >/dev/null
	done
}
