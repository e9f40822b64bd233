# shellcheck shell=bash
# 7. What reloads cost a BIND with many zones of its own, which is asked all the while: for one change
# of the set, and for a writer that changes it as fast as it can. Beside it a shell loop that moves the
# file and calls rndc reload for each line, as people write it.

reloads_zones=(1000 10000 100000)
reloads_flood_s=40
if [ -n "${BENCH_ROUNDS:-}" ]; then
	reloads_zones=(1000 5000) reloads_flood_s=15
fi

reloads_heading="zones	what happens	by	reloads	answers lost	longest silence	last set served after"

part_reloads_run() {
	local zones
	for zones in "${reloads_zones[@]}"; do
		bench_start "$2.$zones" part_reloads "$zones"
		wait
		cat "$2.$zones"
	done >"$1/reloads"
}

# part_reloads ZONES: its rows.
part_reloads() {
	local i zones=$1
	lab_up
	cd "$scratch" || return 1
	for ((i = 0; i < zones; i++)); do
		echo "zone \"z$i.lab.example\" { type primary; file \"/etc/bind/db.lab\"; };"
	done >>/etc/bind/named.conf.local
	bind_stop
	on_server named -g -n 2 -u bind 2>>named.log &
	disown
	wait_until 120 bind_answers || return 1
	# Before its first block BIND fails the question, and keeps that for a second: not part of a change.
	next_set
	echo "${next[*]}" | shell_loop
	# shellcheck disable=SC2086
	wait_until 120 serving $next_served
	sleep 12
	one_change nat64-update update_loop
	one_change "mv, rndc reload" shell_loop
	flood nat64-update update_loop
	flood "mv, rndc reload" shell_loop
}

# --- the two ways --------------------------------------------------------------------------

update_loop() {
	on_server "$updater" --timeout 120 2>>pair.log
}

# A line a set, as in the README of many a script.
shell_loop() {
	local a b
	while read -r a b; do
		printf 'dns64 %s { };\ndns64 %s { };\n' "$a" "$b" >"$dns64_conf.new"
		chmod 644 "$dns64_conf.new"
		mv "$dns64_conf.new" "$dns64_conf"
		on_server rndc reload >/dev/null 2>&1
	done
}

# --- measuring -----------------------------------------------------------------------------

reloads_so_far() {
	grep -c 'loading configuration from' named.log
}

asker_start() {
	ip netns exec dns64 "$bench_build/asker" 10 >asked 8>&- &
	asker=$!
	sleep 2
	reloads_before=$(reloads_so_far)
}

# asker_end WHAT BY SINCE: a row; the last set was asked for at SINCE, in microseconds; empty: none was.
asker_end() {
	local served=$EPOCHREALTIME asked lost silence
	kill "$asker"
	wait "$asker"
	# shellcheck disable=SC2094
	read -r asked lost silence <asked
	awk -v zones="$zones" -v what="$1" -v by="$2" -v reloads=$(($(reloads_so_far) - reloads_before)) \
		-v asked="$asked" -v lost="$lost" -v silence="$silence" \
		-v after="$([ -z "$3" ] && echo - || echo $((${served/./} - $3)))" 'BEGIN {
		printf "%d\t%s\t%s\t%d\t%.1f%% (%d of %d)\t%.2f s\t%s\n", zones, what, by, reloads,
			100 * lost / asked, lost, asked, silence / 1000,
			after == "-" ? after : sprintf("%.2f s", after / 1000000)
	}'
	sleep 12 # until the change before is forgotten
}

# Each set is one that was not served before.
next_set() {
	turn=$((1 - ${turn:-0}))
	next=("${prefixes[1 + turn]}" "${prefixes[3 + turn]}")
	next_served="$((1 + turn)) $((3 + turn))"
}

# one_change BY COMMAND
one_change() {
	say "one change, $zones, $1"
	local begun
	next_set
	asker_start
	begun=${EPOCHREALTIME/./}
	echo "${next[*]}" | "$2"
	# shellcheck disable=SC2086
	wait_until 120 serving $next_served || echo "# never served" >&2
	sleep 5
	asker_end "one change" "$1" $((begun + 5000000))
}

# flood BY COMMAND: the writer stops after a while, and then sends one set more. The shell loop is not
# waited for: it would go through all that is left in the pipe first, set by set.
flood() {
	say "flood, $zones, $1"
	local begun loop writer
	mkfifo "flood.$2"
	"$2" <"flood.$2" &
	loop=$!
	exec 8<>"flood.$2"
	asker_start
	yes "$(printf '%s %s\n%s %s\n%s %s' "${prefixes[1]}" "${prefixes[3]}" "${prefixes[2]}" "${prefixes[4]}" \
		"${prefixes[1]}" "${prefixes[4]}")" >&8 2>/dev/null &
	writer=$!
	sleep "$reloads_flood_s"
	kill "$writer"
	wait "$writer" 2>/dev/null
	next_set
	begun=
	if [ "$2" = shell_loop ]; then
		kill "$loop"
	else
		begun=${EPOCHREALTIME/./}
		printf '\n%s\n' "${next[*]}" >&8
	fi
	exec 8>&-
	# shellcheck disable=SC2086
	[ -z "$begun" ] || wait_until 900 settled "$loop" $next_served || echo "# never served" >&2
	asker_end "sets as fast as they come, for $reloads_flood_s s" "$1" "$begun"
}

# settled PID N...: the loop has ended, and these are served.
settled() {
	gone "$1" && serving "${@:2}"
}
