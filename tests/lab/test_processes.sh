# shellcheck shell=bash
# The pair as processes: any of them may die, signals end or ask, and none holds a privilege.

updater_killed_is_started_again() { started_again updater_pid; }
prober_killed_is_started_again() { started_again prober_pid; }

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

signals_end_the_pair() {
	local signal
	for signal in TERM INT; do
		pair_serving 1 2 3
		within 5 pair_runs
		kill -"$signal" "$(supervisor_pid)"
		within 5 pair_gone
		wait "$pair_job" || fail "exit status $? after $signal"
		now serving 1 2 3
	done
}

hup_gives_both_programs_the_new_list() {
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

# Only root may also drop what could be regained by execve().
pair_started_as_root_is_confined_and_can_regain_nothing() {
	local pid
	prefixes_write 1 2 3
	# shellcheck disable=SC2046
	ip netns exec dns64 "$monitor" $(target_options) "$prefix_file" -- nat64-update \
		</dev/null 2>>"$pair_log" &
	within 10 serving 1 2 3
	for pid in "$(prober_pid)" "$(updater_pid)" "$(supervisor_pid)"; do
		now unprivileged "$pid"
	done
	now behind_a_filter "$(prober_pid)"
	now behind_a_filter "$(updater_pid)"
	[ "$(stat -c %U "$dns64_conf")" = bind ] || fail "$(ls -l "$dns64_conf")"
	gateway_kill 1
	within 10 serving 2 3
}
