# shellcheck shell=bash
# The updater and BIND: whatever happens to BIND or to the file, BIND comes to serve the set.

first_file_lets_named_start_before_there_is_a_verdict() {
	bind_stop
	rm "$dns64_conf"
	in_ns dns64 timeout 10 named -g -u bind && fail "named started without the file"
	in_ns dns64 "$updater" --no-signal --no-verify <<<"${prefixes[1]} ${prefixes[2]}" ||
		fail "exit status $?"
	bind_start
	now serving 1 2
}

named_restarted_serves_the_set() {
	pair_serving 1 2 3
	bind_restart
	now serving 1 2 3
	gateway_kill 1
	within 10 serving 2 3
}

named_stopped_meanwhile_starts_with_the_newest_set() {
	pair_serving 1 2 3
	bind_stop
	gateway_kill 1
	within 10 file_without 1
	now pair_runs
	bind_start
	within 5 serving 2 3
	gateway_start 1
	within 40 serving 1 2 3
}

named_killed_and_started_serves_the_set() {
	pair_serving 1 2 3
	kill -KILL "$(bind_pid)"
	# named leaves a stale pid file behind.
	within 5 not bind_answers
	gateway_kill 1
	within 10 file_without 1
	bind_start
	within 5 serving 2 3
	gateway_kill 2
	gateway_start 1
	within 40 serving 1 3
}

named_hung_serves_the_newest_set_when_it_goes_on() {
	pair_serving 1 2 3
	bind_hang
	gateway_kill 1
	within 10 file_without 1
	now pair_runs
	bind_resume
	within 5 serving 2 3
	gateway_start 1
	within 40 serving 1 2 3
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

named_started_on_an_older_file_is_repaired() {
	prefixes_write 1 2 3
	pair_start --heartbeat 2
	within 10 serving 1 2 3
	bind_stop
	dns64_conf 4 5 >"$dns64_conf"
	bind_start
	within 6 serving 1 2 3
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

file_that_bind_cannot_load_is_repaired() {
	prefixes_write 1 2 3
	pair_start --heartbeat 2
	within 10 serving 1 2 3
	echo 'dns64 nonsense;' >"$dns64_conf"
	within 6 grep -q "${prefixes[1]}" "$dns64_conf"
	gateway_kill 1
	within 10 serving 2 3
}

file_removed_by_hand_is_repaired() {
	prefixes_write 1 2 3
	pair_start --heartbeat 2
	within 10 serving 1 2 3
	rm "$dns64_conf"
	within 6 test -s "$dns64_conf"
	bind_restart
	now serving 1 2 3
}

set_given_by_hand_is_served() {
	as_bind "echo '${prefixes[2]} ${prefixes[5]}' | $updater" || fail "exit status $?"
	now serving 2 5
	as_bind "echo '${prefixes[1]} ${prefixes[3]} ${prefixes[4]}' | $updater" ||
		fail "exit status $?"
	now serving 1 3 4
}

updater_started_as_root_becomes_bind() {
	rm "$dns64_conf"
	in_ns dns64 "$updater" <<<"${prefixes[2]} ${prefixes[5]}" || fail "exit status $?"
	now serving 2 5
	[ "$(stat -c %U "$dns64_conf")" = bind ] || fail "$(ls -l "$dns64_conf")"
}

refused_line_leaves_the_set_in_force() {
	dns64_conf 1 2 >"$dns64_conf"
	bind_restart
	as_bind "echo '2001:db8::/96 nonsense' | $updater" && fail "exit status 0"
	now serving 1 2
	as_bind "printf '2001:db8:64:3::/96 2001:db8:64:4::/96' | $updater" && fail "exit status 0"
	now serving 1 2
}

updater_without_bind_writes_and_says_so() {
	local status
	bind_stop
	as_bind "echo '${prefixes[1]} ${prefixes[2]}' | $updater"
	status=$?
	[ "$status" -eq 1 ] || fail "exit status $status"
	bind_start
	now serving 1 2
}

# A pid file may outlive named and name a process of the same user.
stranger_in_the_pid_file_is_not_signalled() {
	local status stranger
	ip netns exec dns64 su -s /bin/sh bind -c 'exec sleep 1000' &
	within 2 pgrep -u bind -x sleep
	stranger=$(pgrep -u bind -x sleep)
	echo "$stranger" >"$scratch/stale.pid"
	as_bind "echo '${prefixes[1]} ${prefixes[2]}' | $updater -p $scratch/stale.pid"
	status=$?
	[ "$status" -eq 1 ] || fail "exit status $status"
	now not gone "$stranger"
	now not serves 1
}

pid_file_of_a_process_that_is_gone_is_reported() {
	local status
	sleep 0 &
	wait $!
	echo $! >"$scratch/stale.pid"
	as_bind "echo '${prefixes[1]} ${prefixes[2]}' | $updater -p $scratch/stale.pid" 2>"$pair_log"
	status=$?
	[ "$status" -eq 1 ] || fail "exit status $status"
	now logged stale.pid
}

# The set changes in order, and no answer in between holds anything else.
bind_answers_throughout_a_change_of_the_set() {
	pair_serving 1 2 3
	answers_record "$scratch/record"
	gateway_kill 1
	within 10 serving 2 3
	probed 5
	answers_were "$scratch/record" "$(set_of 1 2 3)" "$(set_of 2 3)"
}

repeated_set_does_not_reload_bind() {
	local reloads
	prefixes_write 1 2 3
	background_as_bind "$monitor $(target_options) --heartbeat 1 $prefix_file |
		tee -a $scratch/lines | $updater"
	within 10 serving 1 2 3
	within 5 logged "in force"
	reloads=$(grep -c 'reloading configuration' "$scratch/named.log")
	: >"$scratch/lines"
	within 6 lines_in "$scratch/lines" 4
	[ "$(grep -c 'reloading configuration' "$scratch/named.log")" -eq "$reloads" ] ||
		fail "BIND was reloaded"
}
