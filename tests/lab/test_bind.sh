# shellcheck shell=bash
# The pair and BIND: whatever happens to BIND or to the file, BIND comes to serve the set.

named_killed_and_started_serves_the_newest_set() {
	pair_serving 1 2 3
	kill -KILL "$(bind_pid)"
	# named leaves a stale pid file behind.
	within 5 not bind_answers
	gateway_kill 1
	within 10 file_without 1
	now pair_runs
	bind_start
	within 5 serving 2 3
	gateway_kill 2
	gateway_start 1
	within 40 serving 1 3
}

# Long enough for the updater to have given up asking it often.
named_hung_for_half_a_minute_serves_the_newest_set_at_once() {
	prefixes_write 1 2 3
	pair_start --heartbeat 10
	within 10 serving 1 2 3
	bind_hang
	gateway_kill 1
	within 20 logged 'is loading\|does not answer'
	probed 20
	now pair_runs
	now grep -q "dns64 ${prefixes[2]} { };" "$dns64_conf"
	now not grep -q "${prefixes[1]}" "$dns64_conf"
	bind_resume
	within 3 serving 2 3
	within 15 logged "in force: .*was: .*${prefixes[1]}"
}

file_edited_by_hand_is_repaired() {
	prefixes_write 1 2 3
	pair_start --heartbeat 2
	within 10 serving 1 2 3
	dns64_conf 4 5 >"$dns64_conf"
	kill -HUP "$(bind_pid)"
	within 6 file_without 4
	within 6 serving 1 2 3
}
