# shellcheck shell=bash
# The pair as processes: any of them may die, signals end or ask, and none holds a privilege.

updater_killed_is_started_again() {
	local old
	pair_serving 1 2 3
	answers_record "$scratch/record"
	old=$(updater_pid)
	kill -KILL "$old"
	within 5 pair_runs
	[ "$(updater_pid)" != "$old" ] || fail "it did not die"
	probed 5
	answers_were "$scratch/record" "$(set_of 1 2 3)"
	gateway_kill 1
	within 10 serving 2 3
	answers_were "$scratch/record" "$(set_of 1 2 3)" "$(set_of 2 3)"
}

prober_killed_is_started_again() {
	local old
	pair_serving 1 2 3
	answers_record "$scratch/record"
	old=$(prober_pid)
	kill -KILL "$old"
	within 5 pair_runs
	[ "$(prober_pid)" != "$old" ] || fail "it did not die"
	probed 10
	answers_were "$scratch/record" "$(set_of 1 2 3)"
	gateway_kill 1
	within 10 serving 2 3
	answers_were "$scratch/record" "$(set_of 1 2 3)" "$(set_of 2 3)"
}

prober_killed_again_and_again_is_started_with_growing_pauses() {
	local pause
	pair_serving 1 2 3
	answers_record "$scratch/record"
	for pause in 1 2 4 8; do
		wait_until 10 prober_pid >/dev/null
		kill -KILL "$(prober_pid)"
		within 2 logged "the prober was ended by signal 9 .*, again in $pause s"
	done
	answers_were "$scratch/record" "$(set_of 1 2 3)"
}

supervisor_killed_takes_its_children_along() {
	pair_serving 1 2 3
	answers_record "$scratch/record"
	kill -KILL "$(supervisor_pid)"
	within 5 pair_gone
	now serving 1 2 3
	pair_start
	within 5 pair_runs
	probed 8
	answers_were "$scratch/record" "$(set_of 1 2 3)"
	gateway_kill 1
	within 10 serving 2 3
}

term_ends_the_pair() {
	pair_serving 1 2 3
	kill -TERM "$(supervisor_pid)"
	within 5 pair_gone
	wait "$pair_job" || fail "exit status $?"
	now serving 1 2 3
}

int_ends_the_pair() {
	pair_serving 1 2 3
	kill -INT "$(supervisor_pid)"
	within 5 pair_gone
	wait "$pair_job" || fail "exit status $?"
	now serving 1 2 3
}

term_ends_the_pair_while_it_restarts_a_child() {
	pair_serving 1 2 3
	for _ in 1 2 3; do
		within 20 pair_runs
		kill -KILL "$(prober_pid)" "$(updater_pid)"
	done
	kill -TERM "$(supervisor_pid)"
	within 5 pair_gone
	wait "$pair_job" || fail "exit status $?"
}

hup_reads_the_prefixes_again() {
	pair_serving 1 2
	prefixes_write 1 2 3
	kill -HUP "$(supervisor_pid)"
	within 30 serving 1 2 3
	prefixes_write 2 3
	kill -HUP "$(supervisor_pid)"
	within 10 serving 2 3
	now pair_runs
}

hup_with_a_prefix_set_to_drain_takes_it_out() {
	pair_serving 1 2 3
	printf '%s\n' "${prefixes[1]} drain" "${prefixes[2]}" "${prefixes[3]}" >"$prefix_file"
	kill -HUP "$(supervisor_pid)"
	within 10 serving 2 3
}

hup_with_a_bad_file_changes_nothing() {
	pair_serving 1 2 3
	answers_record "$scratch/record"
	printf '%s\n' "${prefixes[1]}" 2001:db8::/95 >"$prefix_file"
	kill -HUP "$(supervisor_pid)"
	within 3 logged "$prefix_file:2: "
	probed 5
	answers_were "$scratch/record" "$(set_of 1 2 3)"
	now pair_runs
	gateway_kill 1
	within 10 serving 2 3
}

hup_gives_the_updater_the_new_list_as_well() {
	prefixes_write 1 2
	background_as_bind "$monitor $(target_options) $prefix_file -- nat64-update --allow $prefix_file"
	within 30 serving 1 2
	local old
	old=$(updater_pid)
	prefixes_write 2 3
	kill -HUP "$(supervisor_pid)"
	within 30 serving 2 3
	[ "$(updater_pid)" != "$old" ] || fail "the updater was not started anew"
	now not logged refused
}

hup_renews_a_pipeline_as_a_whole() {
	prefixes_write 1 2
	background_as_bind "$monitor $(target_options) $prefix_file -- \
		sh -c 'tee -a $scratch/sets | $updater --allow $prefix_file'"
	within 30 serving 1 2
	prefixes_write 2 3
	kill -HUP "$(supervisor_pid)"
	within 30 serving 2 3
	[ "$(pgrep -cx nat64-update)" -eq 1 ] || fail "$(pgrep -cx nat64-update) updaters"
	now not logged refused
	kill -TERM "$(supervisor_pid)"
	within 30 pair_gone
	now not pgrep -x tee
}

failover_goes_on_while_nothing_reads_the_log() {
	prefixes_write 1 2 3
	mkfifo -m 666 "$scratch/log"
	exec 8<>"$scratch/log"
	head -c 65536 /dev/zero >&8
	on_server su -s /bin/sh - bind -c "$monitor -vv $(target_options) $prefix_file -- nat64-update -v" \
		</dev/null >/dev/null 2>"$scratch/log" &
	within 30 serving 1 2 3
	gateway_kill 1
	within 30 serving 2 3
	kill -KILL "$(prober_pid)"
	within 30 pair_runs
	gateway_start 1
	within 60 serving 1 2 3
	# The reader goes on: what is said from now on comes, and how much was lost.
	tr -d '\0' <&8 >"$pair_log" &
	within 30 logs_again
	now logged '[1-9][0-9]* log lines were lost'
}

status_shows_what_the_daemon_sees() {
	install -d -o bind -g bind "$scratch/status"
	prefixes_write 1 2 3
	pair_start --status "$scratch/status/page"
	within 30 serving 1 2 3
	within 10 page_has '^3 of 3 healthy, 2 to 3 in a set; uplink: ok$'
	gateway_kill 2
	within 30 page_has "^${prefixes[2]} down  no "
	now page_has '^    down [0-9]+s ago: no (dns|tcp) answer from 198.51.100'
	within 10 page_has " ${prefixes[2]} is down: no "
	uplink_cut
	within 30 page_has 'uplink: NOTHING ANSWERS'
	uplink_restore
	within 30 page_has 'uplink: ok'
	# Others than BIND's user read it as well, and nothing else probes.
	now setpriv --reuid nobody --clear-groups cat "$scratch/status/page" >/dev/null
	[ "$(pgrep -cx -P "$(supervisor_pid)" nat64-monitor)" -eq 1 ] || fail "another prober runs"
}

usr1_logs_the_table() {
	pair_serving 1 2 3
	: >"$pair_log"
	kill -USR1 "$(supervisor_pid)"
	within 3 logged "${prefixes[1]}"
	within 3 logged "${prefixes[3]}"
	now pair_runs
	now serving 1 2 3
}

plain_pipe_works_as_well() {
	prefixes_write 1 2 3
	background_as_bind "$monitor $(target_options) $prefix_file | $updater"
	within 10 serving 1 2 3
	gateway_kill 1
	within 10 serving 2 3
	kill -TERM "$(supervisor_pid)"
	within 5 pair_gone
	wait "$pair_job" || fail "exit status of the updater at end of file: $?"
}

reader_that_goes_away_ends_the_monitor() {
	background_as_bind "{ $monitor $(target_options) --heartbeat 1 $prefix_file
		echo \$? >$scratch/status; } | head -n 1"
	within 10 test -s "$scratch/status"
	[ "$(cat "$scratch/status")" -eq 1 ] || fail "exit status $(cat "$scratch/status")"
	now pair_gone
}

once_prints_a_table_and_a_set() {
	local n
	gateway_kill 2
	prefixes_write 1 2 3
	as_bind "timeout 120 $monitor $(target_options) --once $prefix_file" \
		>"$scratch/set" 2>"$scratch/table" || fail "exit status $?"
	[ "$(tr ' ' '\n' <"$scratch/set" | sort | paste -sd ' ')" = "$(set_of 1 3)" ] ||
		fail "printed the set: $(cat "$scratch/set")"
	for n in 1 2 3; do now grep -q "${prefixes[n]}" "$scratch/table"; done
}

once_with_too_few_healthy_gateways_ends_with_status_1() {
	local status
	gateway_kill 2
	gateway_kill 3
	prefixes_write 1 2 3
	as_bind "timeout 120 $monitor $(target_options) --once $prefix_file" 2>"$pair_log"
	status=$?
	[ "$status" -eq 1 ] || fail "exit status $status"
	now logged "${prefixes[2]}"
}

icmp_targets_work_where_the_system_permits_them() {
	in_ns dns64 sysctl -qw net.ipv4.ping_group_range='0 2147483647'
	prefixes_write 1 2 3
	targets=("${targets[@]/#/icmp:}")
	pair_start
	within 10 serving 1 2 3
	gateway_kill 1
	within 10 serving 2 3
}

icmp_targets_are_refused_with_the_name_of_the_sysctl() {
	local status
	in_ns dns64 sysctl -qw net.ipv4.ping_group_range='1 0'
	as_bind "timeout 60 $monitor -t icmp:198.51.100.1 $prefix_file -- nat64-update" \
		2>"$pair_log"
	status=$?
	[ "$status" -eq 1 ] || [ "$status" -eq 2 ] || fail "exit status $status"
	now logged ping_group_range
}

pair_is_confined() {
	pair_serving 1 2 3
	now confined "$(prober_pid)"
	now confined "$(updater_pid)"
	now unprivileged "$(supervisor_pid)"
}

# Only root may also drop what could be regained by execve().
pair_started_as_root_is_confined_and_can_regain_nothing() {
	local pid
	prefixes_write 1 2 3
	# shellcheck disable=SC2046
	ip netns exec dns64 "$monitor" $(target_options) "$prefix_file" -- nat64-update \
		</dev/null 2>>"$pair_log" &
	within 10 serving 1 2 3
	now confined "$(prober_pid)"
	now confined "$(updater_pid)"
	now unprivileged "$(supervisor_pid)"
	for pid in "$(prober_pid)" "$(updater_pid)" "$(supervisor_pid)"; do
		now grep -q '^CapBnd:	0*$' "/proc/$pid/status"
	done
	[ "$(stat -c %U "$dns64_conf")" = bind ] || fail "$(ls -l "$dns64_conf")"
	gateway_kill 1
	within 10 serving 2 3
}
