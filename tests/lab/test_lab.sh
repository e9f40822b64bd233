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
	within 1 gateway_works 2
	gateway_block 3 udp
	now not gateway_works 3
	within 1 gateway_works 3 +tcp
	gateway_block 4 tcp
	within 1 gateway_works 4
	now not gateway_works 4 +tcp
	gateway_block_target 5 "${targets[0]}"
	now not gateway_works 5
	within 1 gateway_works 2
	uplink_cut
	now not gateway_works 2
	uplink_restore
	within 1 gateway_works 2
	default_route_remove
	now not gateway_works 2
	default_route_add
	within 1 gateway_works 2
	target_kill "${targets[0]}"
	now not gateway_works 2
	bind_hang
	now not bind_answers
	bind_resume
	within 1 bind_answers
}

# A machine whose mount is not there, fails, or does nothing and says that all is well.
lab_without_mount_touches_nothing() {
	local mount
	bind_stop
	mkdir "$scratch/bin"
	ln -sf /usr/sbin/* /usr/bin/* "$scratch/bin"
	rm "$scratch/bin/mount"
	contents >"$scratch/before"
	PATH=$scratch/bin "$lab_dir/demo" >"$scratch/demo" 2>&1 && fail "a lab without mount"
	now grep -q 'the program mount' "$scratch/demo"
	for mount in false true; do
		ln -sf "/bin/$mount" /usr/local/bin/mount
		contents >"$scratch/before"
		"$lab_dir/demo" >"$scratch/demo" 2>&1 && fail "a lab with a mount that is /bin/$mount"
		now grep -q 'would be the system.s own' "$scratch/demo"
		contents | diff "$scratch/before" - || fail "changed with a mount that is /bin/$mount"
	done
	LAB_WORLD=1 "$lab_dir/demo" >"$scratch/demo" 2>&1 && fail "a lab outside of a world"
	contents | diff "$scratch/before" - || fail "changed outside of a world"
}

interrupted_demo_leaves_nothing() {
	local demo signal
	# This lab's own BIND would write files meanwhile.
	bind_stop
	traces >"$scratch/before"
	for signal in INT TERM HUP KILL; do
		env --default-signal=INT "$lab_dir/demo" >"$scratch/demo.$signal" 2>&1 &
		demo=$!
		within 60 grep -qs killed "$scratch/demo.$signal"
		within 5 pgrep -x nat64-update
		kill -"$signal" "$demo"
		wait_until 5 no_new_traces || fail "left after $signal: $(cat "$scratch/diff")"
	done
}

demo_comes_to_its_end_and_leaves_nothing() {
	bind_stop
	traces >"$scratch/before"
	timeout 600 "$lab_dir/demo" >"$scratch/demo" 2>&1 ||
		fail "exit status $?: $(cat "$scratch/demo")"
	awk 'length > 100 { exit 1 }' "$scratch/demo" || fail "too wide: $(cat "$scratch/demo")"
	no_new_traces || fail "left: $(cat "$scratch/diff")"
}
