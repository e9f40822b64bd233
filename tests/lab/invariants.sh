# shellcheck shell=bash
# What must hold during a soak, whatever befalls the lab: told from BIND's answers, the pair's log and
# its processes. soak says what the lab is like at the moment; a broken rule ends it.

# At TIME BIND's answers hold $served, and have for a while.
served_check() {
	local time=$1 prefix n from count=0 others=0
	[ "$answering" = 1 ] || return
	for n in "${gateways[@]}"; do
		[ -z "${fault_of[n]}" ] && [ "$n" != "$out" ] && [ $((time - fine_since[n])) -gt $((6 * second)) ] &&
			others=$((others + 1))
	done
	[ "$others" -ge "$min" ] || alone=$time
	ticks=$((ticks + 1))
	[ "$time" -gt "$excused" ] && [ "$alone" -lt "$time" ] && checked=$((checked + 1))
	for prefix in $served; do
		count=$((count + 1))
		n=${rank[$prefix]:-0}
		if [ "$n" = 0 ]; then
			[ "$time" -gt "$file_until" ] && violated "$prefix is in no list, and was served"
			continue
		fi
		from=$((excused > listed_us ? excused : listed_us))
		[ "$n" = "$out" ] && [ $((time - from)) -gt "$obeyed_most" ] &&
			violated "$prefix was served, though $out_kind"
		fault_is_deadly "${fault_of[n]}" || continue
		from=$((excused > alone ? excused : alone))
		[ "${since[n]}" -gt "$from" ] && from=${since[n]}
		[ $((time - from)) -gt "$found_most" ] && violated "$prefix was served, though ${fault_of[n]}"
	done
	[ "$time" -gt "$file_until" ] && { [ "$count" -lt "$min" ] || [ "$count" -gt "$max" ]; } &&
		violated "$count prefixes were served"
}

# A set that changed at TIME: who has left it?
change_check() {
	local time=$1 before=$2 n
	changes=$((changes + 1))
	[ "${away[uplink]}" -gt 0 ] && [ $((time - away[uplink])) -gt $((4 * second)) ] &&
		[ $((time - meddled)) -gt "$fine_after" ] &&
		violated "the set changed while the uplink was gone"
	for n in "${gateways[@]}"; do
		[[ " $before " == *" ${prefixes[n]} "* && " $served " != *" ${prefixes[n]} "* ]] || continue
		if [ -n "${sought[n]}" ]; then
			sought[n]=
			if [ "${since[n]}" -gt "$excused" ]; then
				echo $(((time - since[n]) / 1000)) >>"$scratch/found"
			else
				late=$((late + 1))
			fi
		fi
		[ -z "${fault_of[n]}" ] && [ $((time - fine_since[n])) -gt "$fine_after" ] &&
			[ $((time - meddled)) -gt "$fine_after" ] && [ $((time - excused)) -gt "$fine_after" ] &&
			[ "$time" -gt "${behind_until[n]}" ] && [ -z "${down_by_fault[n]}" ] &&
			violated "${prefixes[n]} left the set, though nothing is wrong with it"
	done
}

answers_follow() {
	local time set before
	while read -r -u 5 time set; do
		time=${time/./}000
		case $set in
		"no answer" | nothing*)
			[ "$set" = "no answer" ] && answering=0 && continue
			set=
			;;
		esac
		before=$served served=$set answering=1
		[ "$before" = "$served" ] && continue
		change_check "$time" "$before"
		served_check "$time"
	done
}

log_follow() {
	local line n
	while read -r -u 6 line; do
		case $line in
		*": set: "*)
			line=${line#*: set: }
			chosen=${line%% (was*}
			;;
		# Down by a fault, or its echo, it stays so past the fault's end, and may fill up a set meanwhile.
		*"/"*" is down: "*)
			n=${line%% is down: *} n=${rank[${n##* }]:-0}
			clock
			if [ "$n" != 0 ] && { [ -n "${fault_of[n]}" ] || [ $((now - fine_since[n])) -le "$fine_after" ]; }; then
				down_by_fault[n]=1
			fi
			;;
		*" is up: "*)
			n=${line%% is up: *} n=${rank[${n##* }]:-0}
			down_by_fault[n]=
			;;
		*"was ended by signal 9 "*) odd=$((odd - 1)) ;;
		*"was ended by signal"* | *" ended with status "*) violated "it was not killed: $line" ;;
		esac
	done
	[ $((odd + ${kinds[prober-killed]:-0} + ${kinds[updater-killed]:-0})) -ge 0 ] ||
		violated "more children were killed than by this test"
}

# Who the supervisor's children are, and whether they are there.
children_follow() {
	local pid name children="" probers=() prober updater=""
	read -r children 2>/dev/null <"/proc/$supervisor/task/$supervisor/children" ||
		[ -d "/proc/$supervisor" ] || violated "the supervisor is gone"
	for pid in $children; do
		read -r name 2>/dev/null <"/proc/$pid/comm" || continue
		if [ "$name" = nat64-update ]; then updater=$pid; else probers+=("$pid"); fi
	done
	[ ${#probers[@]} -lt 2 ] || return # one of them is not yet what it will be
	prober=${probers[*]}
	if [ "$prober $updater" = "$prober_now $updater_now" ]; then
		whole=1 whole_us=$now
		return
	fi
	whole=0 meddled=$now
	# A new prober has to probe; a new updater is told the set at once.
	if [ "$prober" = "$prober_now" ]; then excuse $((3 * second)); else excuse $((8 * second)); fi
	[ -z "$updater" ] || updater_now=$updater
	[ -z "$prober" ] || prober_now=$prober
	[ $((now - whole_us)) -lt "$pause_most" ] || violated "a child is gone for more than a minute"
}

words_sort() {
	tr ' ' '\n' <<<"$1" | sort
}

is_settled() {
	[ "$answering$whole" = 11 ] && [ "$(words_sort "$chosen")" = "$(words_sort "$served")" ]
}

# Memory and descriptors of each role's last process in the calms: the least in the first half and in the
# second, the first calm of several left out as a warm-up. Status 1 if one of them grew.
growth() {
	awk -v rss_more="$rss_more_kb" -v fds_more="$fds_more" '
		function least(list, role, from, to,    i, found) {
			found = list[role, from]
			for (i = from; i <= to; i++) if (list[role, i] < found) found = list[role, i]
			return found
		}
		$6 != "calm" { next }
		pid[$2] != $3 { pid[$2] = $3; count[$2] = 0; start[$2] = $1 }
		{ at[$2] = $1; rss[$2, ++count[$2]] = $4; fds[$2, count[$2]] = $5 }
		END {
			for (role in pid) {
				n = count[role]
				first = n > 8 ? 5 : 1
				half = int((first + n) / 2)
				r = least(rss, role, first, half); r2 = least(rss, role, half + 1, n)
				f = least(fds, role, first, half); f2 = least(fds, role, half + 1, n)
				grew = n < 2 || r2 > r + rss_more || f2 > f + fds_more
				bad += grew
				printf "%s - soak: %s keeps its size: %d KiB, then %d KiB; %d descriptors, then %d; %d s, %d samples\n",
					grew ? "not ok" : "ok", role, r, r2, f, f2, at[role] - start[role], n
			}
			exit bad > 0
		}' "$samples"
}
