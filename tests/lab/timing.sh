# shellcheck shell=bash
# How long things take in a lab: each function makes one thing happen and prints the seconds until
# BIND's answers showed it. For the benchmarks.

record=$scratch/record

# kill_served [SECONDS]: starts the pair and, that much later, kills a gateway that it serves; to
# BIND's first answer without that. Leaves its number in victim and the time of the kill in killed_at.
kill_served() {
	pair_start
	wait_until 10 served_count 3 || return 1
	# Past the start, and at any moment between two probes.
	sleep "$((RANDOM % 3 + ${1:-2})).$((RANDOM % 10))"
	for victim in $(printf '%s\n' "${gateways[@]}" | shuf); do
		serves "$victim" && break
	done
	answers_record "$record"
	killed_at=$EPOCHREALTIME
	gateway_kill "$victim"
	wait_until 30 answered_without "$victim" || echo "gw$victim was not removed in 30 s" >&2
	pkill -x answers
	awk -v start="$killed_at" -v prefix=" ${prefixes[victim]} " \
		'!index($0 " ", prefix) { print $1 - start; exit }' "$record"
}

# kill_undo: the pair ends, the gateway works again.
kill_undo() {
	pair_stop
	gateway_start "$victim"
	wait_until 5 gateway_works "$victim"
}

# answered_without N, answered_with N...: so says the record's last line. To ask here would be one
# more load on the processor that is measured.
answered_without() {
	! tail -n 1 "$record" | grep -qF " ${prefixes[$1]}"
}

answered_with() {
	[ "$(tail -n 1 "$record" | cut -d ' ' -f 2-)" = "$(set_of "$@")" ]
}

# updater_start: nat64-update alone, with a set in force and a record of BIND's answers.
updater_start() {
	mkfifo "$scratch/lines"
	background_as_bind "$updater <$scratch/lines"
	exec 8<>"$scratch/lines"
	line_write 2 5
	wait_until 10 serving 2 5 || return 1
	answers_record "$record" 1
}

line_write() {
	echo "${prefixes[$1]} ${prefixes[$2]}" >&8
}

# set_serve N N COMMAND...: the command makes BIND serve these two gateways' prefixes; from its
# start to BIND's first answer with them.
set_serve() {
	local first=$1 second=$2 start=$EPOCHREALTIME
	"${@:3}"
	wait_until 5 answered_with "$first" "$second" || return 1
	awk -v start="$start" 'END { print $1 - start }' "$record"
}

# nat64-update takes a change at once if there was none for 10 s; others wait for their turn. The rest
# is for any moment between two looks of BIND.
set_pause() {
	sleep "11.$((RANDOM % 10))"
}
