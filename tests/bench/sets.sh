# shellcheck shell=bash
# 5. From a set line to BIND's first answer with it, against the least that a shell could do with a
# file that is written already.

sets_rounds=$((${BENCH_ROUNDS:-5} * 4))

floor_serve() {
	mv "$scratch/floor.conf" "$dns64_conf"
	kill -HUP "$(bind_pid)"
}

part_sets() {
	local round a b
	lab_up
	cd "$scratch" || return 1
	updater_start || return 1
	for ((round = 0; round < sets_rounds; round++)); do
		a=$((1 + round % 2)) b=$((3 + round % 3))
		set_serve $a $b line_write $a $b >>line
		set_pause
		# Another set each time, or BIND's answer would tell nothing.
		a=$((3 - a))
		echo "${prefixes[a]} ${prefixes[b]}" | "$updater" --dry-run >floor.conf
		chmod 644 floor.conf
		set_serve $a $b floor_serve >>floor
	done
	paste line floor | row "set line to BIND's first answer" s "mv and kill -HUP" 1.2
}
