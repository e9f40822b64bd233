# shellcheck shell=bash
# The lab itself: its faults are real, and nothing is left of it. These tests run labs in the lab.

faults_are_real() {
	gateway_kill 1
	now not gateway_works 1
	gateway_start 1
	within 3 gateway_works 1
	gateway_kill 1 unreachable
	now not gateway_works 1
	gateway_cut_ipv4 2
	now not gateway_works 2
	gateway_repair 2
	now gateway_works 2
	gateway_block 3 udp
	now not gateway_works 3
	now gateway_works 3 +tcp
	gateway_block 4 tcp
	now gateway_works 4
	now not gateway_works 4 +tcp
	gateway_block_target 5 "${targets[0]}"
	now not gateway_works 5
	now gateway_works 2
	uplink_cut
	now not gateway_works 2
	uplink_restore
	now gateway_works 2
	default_route_remove
	now not gateway_works 2
	default_route_add
	now gateway_works 2
	target_kill "${targets[0]}"
	now not gateway_works 2
	bind_hang
	now not bind_answers
	bind_resume
	now bind_answers
}

interrupted_demo_leaves_nothing() {
	local demo signal
	# This lab's own BIND would write files meanwhile.
	bind_stop
	traces >"$scratch/before"
	for signal in INT TERM HUP KILL; do
		env --default-signal=INT "$lab_dir/demo" >"$scratch/demo.$signal" 2>&1 &
		demo=$!
		within 20 grep -qs killed "$scratch/demo.$signal"
		now pgrep -x nat64-update
		kill -"$signal" "$demo"
		wait_until 5 no_new_traces || fail "left after $signal: $(cat "$scratch/diff")"
	done
}

demo_ends_within_a_minute_and_leaves_nothing() {
	bind_stop
	traces >"$scratch/before"
	timeout 60 "$lab_dir/demo" >"$scratch/demo" 2>&1 ||
		fail "exit status $?: $(cat "$scratch/demo")"
	awk 'length > 100 { exit 1 }' "$scratch/demo" || fail "too wide: $(cat "$scratch/demo")"
	no_new_traces || fail "left: $(cat "$scratch/diff")"
}
