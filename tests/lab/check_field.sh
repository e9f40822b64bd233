# shellcheck shell=bash
# What real networks did to gateways and to those that watch them: what takes longer to show than in
# test_field.sh.

gateway_that_loses_four_of_five_targets_is_served_again_when_they_answer() {
	local target
	targets=("${targets[@]:0:5}")
	pair_serving 1 2 3
	for target in "${targets[@]:0:4}"; do gateway_block_target 3 "$target"; done
	within 60 serving 1 2
	gateway_repair 3
	within 90 serving 1 2 3
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

dead_node_that_some_addresses_are_hashed_to_takes_its_prefix_out() {
	local reached lost
	targets+=("${root_servers[@]}")
	gateway_split 1 6 2 addresses
	gateway_kill 6
	mapfile -t reached < <(targets_behind 1)
	mapfile -t lost < <(printf '%s\n' "${targets[@]}" | grep -vxF -f <(printf '%s\n' "${reached[@]}"))
	if [ "${#lost[@]}" -lt 4 ] || [ "${#reached[@]}" -lt 4 ]; then
		fail "no hash: ${#reached[@]} of ${#targets[@]} targets are reached"
	fi
	gateway_start 6
	# The other method would be hashed in its own way.
	targets=("${lost[@]:0:4}" "${reached[@]:0:4}")
	targets=("${targets[@]/#/dns:}")
	pair_serving 1 2 3
	gateway_kill 6
	within 90 serving 2 3
	now logged "${prefixes[1]} is down"
}

gateway_that_loses_an_eighth_is_not_preferred_to_a_slower_one() {
	gateway_slow 1 15
	gateway_slow 2 15
	within 5 gateway_is_slow 1 15
	gateway_split 3 6 8 ports
	gateway_kill 6
	prefixes_write 1 2 3
	pair_start -i 0.5 -c 2-2
	# The pair cannot know it at the start.
	within 150 serving 1 2
	throughout 15 serving 1 2
}

target_that_resets_for_all_removes_no_prefix() {
	prefixes_write 1 2 3
	pair_start -i 0.2
	within 15 serving 1 2 3
	answers_record "$scratch/record"
	in_ns ipv4 nft add rule inet lab input ip daddr "${targets[5]}" meta l4proto tcp reject with tcp reset
	sleep 20
	answers_were "$scratch/record" "$(set_of 1 2 3)"
	gateway_kill 1
	within 15 serving 2 3
}

method_that_is_closed_later_keeps_none_from_coming_back() {
	pair_serving 1 2 3
	port_close udp 53
	sleep 15
	now serving 1 2 3
	gateway_kill 3
	within 20 serving 1 2
	gateway_start 3
	within 90 serving 1 2 3
}

member_whose_latency_jumps_gives_way_to_one_that_waits() {
	local victim
	prefixes_write 1 2 3
	pair_start -c 2-2
	within 15 served_count 2
	for victim in 1 2 3; do
		serves "$victim" && break
	done
	sleep 10
	gateway_slow "$victim" 700
	within 5 gateway_is_slow "$victim" 700
	within 60 not serves "$victim"
	now served_count 2
}

two_prefixes_are_told_the_count_with_which_a_dead_one_leaves() {
	prefixes_write 1 2
	pair_start
	within 10 logged "there are 2 prefixes to choose, and a set needs 2.*--count 1-2"
	pair_stop
	background_as_bind "$monitor $(target_options) --count 1-2 $prefix_file -- nat64-update --count 1-2"
	within 10 serving 1 2
	gateway_kill 1
	within 15 serving 2
	gateway_start 1
	within 60 serving 1 2
}
