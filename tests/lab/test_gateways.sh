# shellcheck shell=bash
# What BIND serves when gateways fail, return, are preferred or are taken out of service, and when it is the
# targets, the uplink or this host that fail.

first_set_is_served_soon_after_start() {
	# The command line of the README, with the default targets.
	background_as_bind "$monitor $prefix_file -- nat64-update"
	within 8 served_count 3
}

probes_come_from_the_address_asked_for() {
	# Deprecated: never the choice of the system.
	ip -n dns64 addr add 2001:db8:1::64/64 dev uplink nodad preferred_lft 0
	nft add rule inet lab forward ip6 saddr 2001:db8:1::53 drop
	prefixes_write 1 2 3
	pair_start -s 2001:db8:1::64
	within 10 serving 1 2 3
}

# --- what takes a gateway out, and back in ---------------------------------------------------

gateway_is_served_again_when_it_is_back() {
	leaves_by gateway_kill 1
	throughout 5 serving 2 3
	gateway_start 1
	within 40 serving 1 2 3
}

killed_gateway_with_another_length_is_no_longer_served() {
	pair_serving 1 2 5
	gateway_kill 5
	within 10 serving 1 2
}

gateway_that_answers_unreachable_leaves() { leaves_by gateway_kill 1 unreachable; }
gateway_without_ipv4_leaves() { leaves_by gateway_cut_ipv4 1; }
gateway_that_drops_udp_leaves() { leaves_by gateway_block 1 udp; }
gateway_that_drops_tcp_leaves() { leaves_by gateway_block 1 tcp; }
gateway_with_a_full_table_leaves() { leaves_by gateway_fill 1; }
gateway_that_loses_half_leaves() { leaves_by gateway_lose 1 50; }
gateway_that_loses_five_of_thirteen_targets_leaves() { leaves_by gateway_block_target 1 "${targets[@]:3:5}"; }
gateway_that_rejects_with_port_unreachable_leaves() { leaves_by gateway_reject 1 "icmpv6 type port-unreachable"; }
gateway_that_resets_tcp_leaves() { leaves_by gateway_reject 1 meta l4proto tcp "tcp reset"; }

dead_node_that_some_ports_are_hashed_to_takes_its_prefix_out() {
	gateway_split 1 6 4
	pair_serving 1 2 3
	gateway_kill 6
	within 150 not serves 1
}

prefix_behind_a_blackhole_route_leaves_until_it_is_gone() {
	leaves_by ip -n dns64 -6 route add blackhole "${prefixes[1]}"
	ip -n dns64 -6 route del blackhole "${prefixes[1]}"
	within 60 serving 1 2 3
}

# 1.0.0.0 to 127.255.255.255: of the default targets, the three that are no root servers.
gateway_without_half_of_ipv4_gives_way_to_one_with_all_of_it() {
	local victim
	background_as_bind "$monitor $prefix_file -- nat64-update"
	within 15 served_count 3
	for victim in "${gateways[@]}"; do
		serves "$victim" && break
	done
	gateway_drop "$victim" oifname ipv4 ip daddr 0.0.0.0/1
	within 150 not serves "$victim"
	now served_count 3
}

two_gateways_that_die_together_are_replaced() {
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

# --- speed -----------------------------------------------------------------------------------

slow_gateway_leaves_a_set_of_three() {
	local slack=
	pair_serving 1 2 3
	gateway_slow 3 200
	within 5 gateway_is_slow 3 200
	# A merely slower one waits for a minute, and its smoothed times have to get there first.
	within 120 serving 1 2
	throughout 3 serving 1 2
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

# --- targets ---------------------------------------------------------------------------------

dead_target_removes_no_prefix() { costs_nothing target_kill "${targets[4]}"; }
target_that_refuses_one_prefix_costs_it_nothing() { costs_nothing gateway_block_target 2 "${targets[7]}"; }
target_that_resets_for_all_removes_no_prefix() { costs_nothing target_reset "${targets[5]}"; }

closed_method_at_the_start_delays_no_set() {
	port_close tcp 53
	pair_serving 1 2 3
	within 30 logged "no .*tcp"
	gateway_kill 2
	within 15 serving 1 3
	gateway_start 2
	within 90 serving 1 2 3
}

once_prints_a_set_where_a_method_is_closed_and_names_a_target_that_would_do() {
	port_close tcp 53
	prefixes_write 1 2 3
	as_bind "$monitor $(target_options) --once $prefix_file" >"$scratch/set" 2>"$scratch/said" ||
		fail "exit status $?: $(cat "$scratch/said")"
	[ "$(tr ' ' '\n' <"$scratch/set" | sort | paste -sd ' ')" = "$(set_of 1 2 3)" ] ||
		fail "the set is $(cat "$scratch/set")"
	grep -q -e '-t tcp:' "$scratch/said" || fail "no advice: $(cat "$scratch/said")"
}

icmp_targets_work_where_the_system_permits_them() {
	in_ns dns64 sysctl -qw net.ipv4.ping_group_range='0 2147483647'
	targets=("${targets[@]/#/icmp:}")
	leaves_by gateway_kill 1
}

# --- the uplink ------------------------------------------------------------------------------

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

# --- shortages -------------------------------------------------------------------------------

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

start_while_one_of_five_works_fills_the_set_up() {
	local n
	for n in 1 2 4 5; do gateway_kill "$n"; done
	pair_start
	within 20 serves 3
	now served_count 2
	# The healthy one stands first.
	now logged "set: ${prefixes[3]} "
	throughout 10 serves 3
	gateway_start 5
	within 40 serving 3 5
}
