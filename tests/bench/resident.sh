# shellcheck shell=bash
# 3. What the programs take while nothing happens: five prefixes, the default targets and interval.

resident_rounds=${BENCH_ROUNDS:-5}
resident_window_s=6

# Prints the wake-ups of a process, and the probes and answers plus one a second that it may have.
wakeups_measure() {
	local before after
	before="$(wakeups_read "$1") $(packets_read)"
	sleep $resident_window_s
	after="$(wakeups_read "$1") $(packets_read)"
	awk -v s=$resident_window_s '{ print ($4 - $1) / s, ($5 - $2 + $6 - $3) / s + 1 }' \
		<<<"$before $after"
}

wakeups_read() {
	awk '$1 == "voluntary_ctxt_switches:" { print $2 }' "/proc/$1/status"
}

# memory_read PID: MiB resident, and the bound.
memory_read() {
	awk '$1 == "Rss:" { print $2 / 1024, 3 }' "/proc/$1/smaps_rollup"
}

# The monitor alone: seconds to its first set, then its wake-ups. No BIND, which would send packets
# of its own.
start_measure() {
	local line job start=$EPOCHREALTIME
	"${within[@]}" "$monitor" "$prefix_file" </dev/null >"$scratch/sets" 2>"$pair_log" &
	job=$!
	read -r line <&9
	awk -v begun="$start" -v end="$EPOCHREALTIME" 'BEGIN { print end - begun, 1 }' >>first-set
	[ "$(wc -w <<<"$line")" -eq 3 ] || say "an odd first set: $line"
	sleep 2
	wakeups_measure "$(pgrep -x -P "$job" nat64-monitor)" >>wakeups
	wakeups_measure "$job" >>wakeups-supervisor
	job_end "$job"
}

memory_measure() {
	background_as_bind "$monitor $prefix_file -- nat64-update"
	wait_until 10 served_count 3 || return 1
	sleep 2
	memory_read "$(supervisor_pid)" >>rss-supervisor
	memory_read "$(prober_pid)" >>rss-prober
	memory_read "$(updater_pid)" >>rss-updater
	pair_stop
}

part_resident() {
	local round
	lab_up
	cd "$scratch" || return 1
	within=(ip netns exec dns64)
	mkfifo sets
	exec 9<>sets
	for ((round = 1; round <= resident_rounds; round++)); do
		say "  round $round of $resident_rounds"
		memory_measure
		bind_stop
		start_measure
		bind_start
	done
	row "resident memory, prober" MiB "the bound" 1.0 <rss-prober
	row "resident memory, updater" MiB "the bound" 1.0 <rss-updater
	row "resident memory, supervisor" MiB "the bound" - <rss-supervisor
	row "first set after the start" s "the bound" 1.0 <first-set
	row "wake-ups, prober" /s "probes and answers, plus 1" 1.0 <wakeups
	row "wake-ups, supervisor" /s "probes and answers, plus 1" - <wakeups-supervisor
}
