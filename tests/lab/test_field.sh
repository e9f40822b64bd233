# shellcheck shell=bash
# What real networks did to gateways and to those that watch them, laid on real translators: losses that
# are not the death of everything, shortages, filtered methods, and errors of the host itself.

# --- part of the targets -------------------------------------------------------------------

gateway_that_loses_five_of_thirteen_targets_is_no_longer_served() {
	local target
	pair_serving 1 2 3
	for target in "${targets[@]:3:5}"; do gateway_block_target 1 "$target"; done
	within 60 serving 2 3
	now logged "${prefixes[1]} is down"
	throughout 15 serving 2 3
}

gateway_that_loses_two_of_three_targets_is_no_longer_served() {
	targets=("${targets[@]:0:3}")
	pair_serving 1 2 3
	gateway_block_target 2 "${targets[0]}"
	gateway_block_target 2 "${targets[2]}"
	within 60 serving 1 3
	throughout 15 serving 1 3
}

# --- clusters ------------------------------------------------------------------------------

dead_node_that_some_ports_are_hashed_to_takes_its_prefix_out() {
	gateway_split 1 6 4 ports
	pair_serving 1 2 3
	gateway_kill 6
	within 150 not serves 1
}

# --- resets --------------------------------------------------------------------------------

gateway_that_resets_tcp_is_no_longer_served() {
	pair_serving 1 2 3
	gateway_reject 2 meta l4proto tcp "tcp reset"
	now gateway_works 2
	within 20 serving 1 3
	now logged "${prefixes[2]} is down.*reset"
}

gateway_that_rejects_all_with_port_unreachable_is_no_longer_served() {
	pair_serving 1 2 3
	gateway_reject 1 "icmpv6 type port-unreachable"
	now not gateway_works 1
	within 20 serving 2 3
}

gateway_that_rejects_tcp_with_port_unreachable_is_no_longer_served() {
	pair_serving 1 2 3
	gateway_reject 1 meta l4proto tcp "icmpv6 type port-unreachable"
	now gateway_works 1
	within 20 serving 2 3
}

# --- a method that is closed for all -------------------------------------------------------

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

# --- shortages -----------------------------------------------------------------------------

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

start_while_two_of_five_work_serves_these() {
	local n
	for n in 1 2 4; do gateway_kill "$n"; done
	pair_start
	within 20 serving 3 5
}

member_that_leaves_the_list_in_a_shortage_is_gone_at_once() {
	pair_serving 1 2 3
	gateway_kill 2
	within 15 serving 1 3
	gateway_kill 3
	within 15 logged "${prefixes[3]} is down"
	now serving 1 3
	prefixes_write 1 2
	kill -HUP "$(supervisor_pid)"
	within 10 serving 1 2
	throughout 5 serving 1 2
}

# --- errors of this host -------------------------------------------------------------------

prefix_behind_a_blackhole_route_is_no_longer_served() {
	pair_serving 1 2 3
	ip -n dns64 -6 route add blackhole "${prefixes[1]}"
	within 20 serving 2 3
	ip -n dns64 -6 route del blackhole "${prefixes[1]}"
	within 60 serving 1 2 3
}

prefix_behind_a_route_that_prohibits_is_no_longer_served() {
	pair_serving 1 2 3
	ip -n dns64 -6 route add prohibit "${prefixes[2]}"
	within 20 serving 1 3
}

lost_source_address_is_named_and_changes_nothing() {
	ip -n dns64 addr add 2001:db8:1::64/64 dev uplink nodad
	prefixes_write 1 2 3
	install -d -m 777 "$scratch/metrics"
	pair_start -s 2001:db8:1::64 --metrics "$scratch/metrics/monitor.prom"
	within 15 serving 1 2 3
	answers_record "$scratch/record"
	ip -n dns64 addr del 2001:db8:1::64/64 dev uplink
	within 20 logged "2001:db8:1::64"
	within 20 grep -qx 'nat64_monitor_sending 0' "$scratch/metrics/monitor.prom"
	answers_were "$scratch/record" "$(set_of 1 2 3)"
	ip -n dns64 addr add 2001:db8:1::64/64 dev uplink nodad
	within 30 grep -qx 'nat64_monitor_sending 1' "$scratch/metrics/monitor.prom"
	gateway_kill 1
	within 20 serving 2 3
}

log_that_is_not_read_stops_nothing() {
	prefixes_write 1 2 3
	mkfifo -m 666 "$scratch/log"
	exec 7<>"$scratch/log"
	dd if=/dev/zero of="$scratch/log" bs=4096 count=64 oflag=nonblock 2>/dev/null
	background_as_bind "$monitor $(target_options) $prefix_file -- nat64-update 2>$scratch/log"
	within 15 serving 1 2 3
	gateway_kill 1
	within 15 serving 2 3
	timeout 1 cat <&7 >/dev/null
	gateway_kill 3
	wait_until 15 timeout 5 grep -aq 'log lines were lost' <&7 || fail "no word of what was lost"
}

fifo_in_place_of_the_list_is_refused() {
	prefixes_write 1 2 3
	mkfifo -m 666 /etc/bind/fifo
	as_bind "timeout 60 $monitor /etc/bind/fifo -- nat64-update" >"$scratch/said" 2>&1
	[ $? -eq 2 ] || fail "exit status $? and not 2"
	now grep -q '^/etc/bind/fifo: is not a regular file' "$scratch/said"
	pair_start
	within 10 serving 1 2 3
	mv /etc/bind/fifo "$prefix_file"
	kill -HUP "$(supervisor_pid)"
	within 10 logged "^$prefix_file: is not a regular file"
	gateway_kill 1
	within 15 serving 2 3
	pair_stop
	now pair_gone
}
