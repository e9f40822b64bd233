# shellcheck shell=bash
# What BIND serves when gateways fail, return, are preferred or are taken out of service.

first_set_is_served_soon_after_start() {
	# The command line of the README, with the default targets.
	background_as_bind "$monitor $prefix_file -- nat64-update"
	within 8 served_count 3
}

set_of_two_is_served_when_only_two_are_known() {
	pair_serving 2 4
}

set_of_one_is_served_when_asked_for() {
	prefixes_write 1
	background_as_bind "$monitor $(target_options) -c 1-1 $prefix_file -- nat64-update -c 1-1"
	within 10 serving 1
}

probes_come_from_the_address_asked_for() {
	# Deprecated: never the choice of the system.
	ip -n dns64 addr add 2001:db8:1::64/64 dev uplink nodad preferred_lft 0
	nft add rule inet lab forward ip6 saddr 2001:db8:1::53 drop
	prefixes_write 1 2 3
	pair_start -s 2001:db8:1::64
	within 10 serving 1 2 3
}

prefix_of_another_length_is_served() {
	pair_serving 1 5
	gateway_kill 5
	gateway_start 5
	throughout 5 serving 1 5
}

killed_gateway_is_no_longer_served() {
	pair_serving 1 2 3
	gateway_kill 1
	within 10 serving 2 3
	throughout 5 serving 2 3
}

killed_gateway_with_another_length_is_no_longer_served() {
	pair_serving 1 2 5
	gateway_kill 5
	within 10 serving 1 2
}

gateway_that_answers_unreachable_is_no_longer_served() {
	pair_serving 1 2 3
	gateway_kill 2 unreachable
	within 10 serving 1 3
}

killed_gateway_is_replaced_by_a_spare_one() {
	local victim
	pair_start
	within 10 served_count 3
	for victim in "${gateways[@]}"; do
		serves "$victim" && break
	done
	gateway_kill "$victim"
	within 10 not serves "$victim"
	now served_count 3
}

gateway_is_served_again_when_it_is_back() {
	pair_serving 1 2 3
	gateway_kill 1
	within 10 serving 2 3
	gateway_start 1
	within 40 serving 1 2 3
}

gateway_without_ipv4_is_no_longer_served() {
	pair_serving 1 2 3
	gateway_cut_ipv4 3
	within 10 serving 1 2
}

gateway_that_drops_udp_is_no_longer_served() {
	pair_serving 1 2 3
	gateway_block 1 udp
	now gateway_works 1 +tcp
	within 10 serving 2 3
}

gateway_that_drops_tcp_is_no_longer_served() {
	pair_serving 1 2 3
	gateway_block 2 tcp
	now gateway_works 2
	within 10 serving 1 3
}

gateway_with_a_full_table_is_no_longer_served() {
	pair_serving 1 2 3
	gateway_fill 2
	within 10 serving 1 3
}

slow_gateway_leaves_a_set_of_three() {
	local slack=
	pair_serving 1 2 3
	gateway_slow 3 200
	within 5 gateway_is_slow 3 200
	# A merely slower one waits for a minute, and its smoothed times have to get there first.
	within 120 serving 1 2
	throughout 3 serving 1 2
}

slow_gateway_stays_in_a_set_of_two() {
	prefixes_write 1 2
	gateway_slow 2 200
	within 5 gateway_is_slow 2 200
	pair_start
	within 10 serving 1 2
	throughout 20 serving 1 2
}

gateway_that_loses_half_is_no_longer_served() {
	pair_serving 1 2 3
	gateway_lose 1 50
	within 45 serving 2 3
}

two_gateways_that_die_together_are_no_longer_served() {
	local n victims=()
	pair_start
	within 10 served_count 3
	for n in "${gateways[@]}"; do
		serves "$n" && victims+=("$n")
	done
	gateway_kill "${victims[0]}"
	gateway_kill "${victims[1]}"
	within 15 not serves "${victims[0]}"
	within 5 not serves "${victims[1]}"
	now served_count 3
}

# Ten probes a second reach each target of each prefix several times.
dead_target_removes_no_prefix() {
	prefixes_write 1 2 3
	pair_start -i 0.2
	within 10 serving 1 2 3
	answers_record "$scratch/record"
	target_kill "${targets[4]}"
	probed 150
	answers_were "$scratch/record" "$(set_of 1 2 3)"
	gateway_kill 1
	within 10 serving 2 3
}

dead_target_of_three_removes_no_prefix() {
	targets=("${targets[@]:0:3}")
	prefixes_write 1 2 3
	pair_start -i 0.2
	within 10 serving 1 2 3
	answers_record "$scratch/record"
	target_kill "${targets[1]}"
	probed 150
	answers_were "$scratch/record" "$(set_of 1 2 3)"
	gateway_kill 1
	within 15 serving 2 3
}

target_that_refuses_one_prefix_costs_that_prefix_nothing() {
	prefixes_write 1 2 3
	pair_start -i 0.2
	within 10 serving 1 2 3
	answers_record "$scratch/record"
	gateway_block_target 1 "${targets[7]}"
	probed 150
	answers_were "$scratch/record" "$(set_of 1 2 3)"
	gateway_kill 2
	within 10 serving 1 3
}

# The system sends a lost SYN again after a second, which says nothing of how long an answer takes. Counted,
# it would be seen until the next one is lost.
lost_connection_is_no_slow_one() {
	targets=(tcp:198.51.100.1)
	prefixes_write 1 2 3
	pair_start -i 0.2
	within 10 serving 1 2 3
	gateway_drop 1 iifname ipv6 tcp flags syn numgen inc mod 16 0
	probed 80
	within 30 connections_take_the_same 1 3
}

uplink_cut_changes_nothing() {
	prefixes_write 1 2 3 4 5
	# The tee shows that the monitor does not even say the same set again.
	background_as_bind "$monitor $(target_options) --heartbeat 600 $prefix_file |
		tee $scratch/lines | $updater"
	within 10 served_count 3
	answers_record "$scratch/record"
	uplink_cut
	now not gateway_works 1
	probed 20
	uplink_restore
	within 1 gateway_works 1
	probed 10
	answers_were "$scratch/record" "$(served_set)"
	[ "$(wc -l <"$scratch/lines")" -eq 1 ] || fail "the monitor wrote: $(cat "$scratch/lines")"
	gateway_kill 1
	gateway_kill 2
	within 15 serving 3 4 5
}

lost_default_route_changes_nothing() {
	pair_serving 1 2 3
	answers_record "$scratch/record"
	default_route_remove
	now not gateway_works 1
	within 10 logged "no probe could be sent.*no prefix is blamed"
	default_route_add
	probed 10
	answers_were "$scratch/record" "$(set_of 1 2 3)"
	gateway_kill 1
	within 10 serving 2 3
}

uplink_that_comes_and_goes_changes_nothing() {
	pair_serving 1 2 3
	answers_record "$scratch/record"
	for _ in 1 2 3 4; do
		uplink_cut
		probed 3
		uplink_restore
		probed 2
	done
	answers_were "$scratch/record" "$(set_of 1 2 3)"
	gateway_kill 1
	within 10 serving 2 3
}

# With fewer than MIN healthy ones, the set is filled up with those that failed last, and a
# returning one is taken at once.
too_few_healthy_gateways_leave_the_last_failed_in_the_set() {
	pair_serving 1 2 3
	gateway_kill 2
	within 10 serving 1 3
	gateway_kill 1
	throughout 10 serving 1 3
	gateway_start 2
	within 8 serving 2 3
}

last_gateway_dying_leaves_the_set_in_force() {
	pair_serving 1 2 3
	gateway_kill 2
	within 10 serving 1 3
	gateway_kill 1
	within 10 logged "${prefixes[1]} is down"
	gateway_kill 3
	throughout 15 serving 1 3
	now pair_runs
	gateway_start 2
	gateway_start 1
	within 15 serving 1 2
}

no_gateway_at_the_start_leaves_the_file_as_it_is() {
	dns64_conf 4 5 >"$dns64_conf"
	bind_restart
	uplink_cut
	prefixes_write 1 2 3
	pair_start
	throughout 10 serving 4 5
	now pair_runs
	uplink_restore
	within 10 serving 1 2 3
}

gateway_dead_from_the_start_is_not_served() {
	gateway_kill 1
	pair_start
	within 10 served_count 3
	throughout 5 not serves 1
}

own_gateway_is_preferred_to_the_providers() {
	printf '%s\n' "${prefixes[1]}" "${prefixes[2]}" "${prefixes[3]} tier=1" \
		"${prefixes[4]} tier=2" >"$prefix_file"
	pair_start
	within 10 serving 1 2
	gateway_kill 1
	within 10 serving 2 3
	gateway_kill 3
	within 10 serving 2 4
	gateway_start 1
	within 40 serving 1 2
}

drained_gateway_is_never_served() {
	printf '%s\n' "${prefixes[1]} drain" "${prefixes[2]}" "${prefixes[3]}" "${prefixes[4]}" \
		>"$prefix_file"
	pair_start
	within 10 serving 2 3 4
	gateway_kill 2
	within 10 serving 3 4
	gateway_kill 3
	throughout 10 serving 3 4
}
