# shellcheck shell=bash
# Processor time a probe: what the kernel counts for one process (user and system, nanoseconds),
# divided by what the kernel counts as sent. The work that the kernel does for a packet on its way
# through the veth pairs is in it, the same for everybody.

# How the senders are started: in which namespace, and on which processor.
within=()

# cost_measure PID SECONDS [MOST]: lets a process run that long; prints its microseconds of processor
# time a probe, or "-" if probes went unanswered, or if more than MOST a second were sent, because
# somebody was in doubt: that would be another thing that is measured.
cost_measure() {
	local pid=$1 before after
	before="$(cpu_read "$pid") $(packets_read)"
	sleep "$2"
	after="$(cpu_read "$pid") $(packets_read)"
	awk -v most="$((${3:-1000000000} * $2))" '{
		ns = $4 - $1
		sent = $5 - $2
		answered = $6 - $3
		if (NF == 6 && sent > 0 && sent <= most && answered >= sent * 0.98) {
			printf "%.3f\n", ns / sent / 1000
		} else {
			print "-"
			print "  not measured: " sent " probes, " answered " answered" >"/dev/stderr"
		}
	}' <<<"$before $after"
}

# Nothing of a program that has ended, or is not there at all.
cpu_read() {
	cut -d ' ' -f 1 "/proc/$1/schedstat" 2>/dev/null
}

# Probes that were sent and that were answered: datagrams, echo requests, connections.
packets_read() {
	# shellcheck disable=SC2016
	"${within[@]}" awk '
		$1 ~ /^(Udp6OutDatagrams|Icmp6OutEchos)$/ { sent += $2 }
		$1 ~ /^(Udp6InDatagrams|Icmp6InEchoReplies)$/ { answered += $2 }
		$1 == "Tcp:" && !opens {
			for (i = 2; i <= NF; i++) {
				if ($i == "ActiveOpens")
					opens = i
				if ($i == "AttemptFails")
					fails = i
			}
			next
		}
		$1 == "Tcp:" { sent += $opens; answered += $opens - $fails }
		END { print sent + 0, answered + 0 }' /proc/net/snmp6 /proc/net/snmp
}

# monitor_cost SETTLE-SECONDS SECONDS PROBES-A-SECOND OPTION...
monitor_cost() {
	local job prober
	"${within[@]}" "$monitor" "${@:4}" "$prefix_file" </dev/null >/dev/null 2>"$pair_log" &
	job=$!
	sleep "$1"
	prober=$(pgrep -P "$job")
	cost_measure "$prober" "$2" $(($3 + $3 / 20 + 5))
	prober_status=$(cat "/proc/$prober/status" 2>/dev/null)
	job_end "$job"
}

# program_cost SECONDS COMMAND...: standard input is the addresses.
program_cost() {
	local job
	"${within[@]}" "${@:2}" <"$scratch/addresses" >/dev/null 2>"$scratch/program.log" &
	job=$!
	sleep 0.5
	cost_measure "$job" "$1"
	job_end "$job"
}

job_end() {
	kill -TERM "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

# --- 1. at the same pace, through real translators ------------------------------------------

# Ten prefixes probed every 0.1 s by one method are 100 probes a second, each 10 ms after the one
# before, and so are ten addresses pinged by fping every 100 ms.
pace_rounds=${BENCH_ROUNDS:-5}
pace_window_s=4

part_pace() {
	local n round
	for n in 6 7 8 9 10; do
		prefixes[n]=2001:db8:64:$n::/96
		synthesized_target[n]=2001:db8:64:$n::c633:6401
	done
	gateways=({1..10})
	within=(ip netns exec dns64)
	lab_up
	bind_stop
	printf '%s\n' "${synthesized_target[@]}" >"$scratch/addresses"
	for ((round = 1; round <= pace_rounds; round++)); do
		say "  round $round of $pace_rounds"
		monitor_cost 2 $pace_window_s 100 -i 0.1 -t dns:198.51.100.1 >>"$scratch/dns"
		program_cost $pace_window_s "$bench_build/floor" dns 100 >>"$scratch/floor-dns"
		program_cost $pace_window_s fping -6 -q -l -p 100 -i 10 \
			"${synthesized_target[@]}" >>"$scratch/fping"
		monitor_cost 2 $pace_window_s 100 -i 0.1 -t tcp:198.51.100.1 >>"$scratch/tcp"
		program_cost $pace_window_s "$bench_build/floor" tcp 100 >>"$scratch/floor-tcp"
	done
	cd "$scratch" || return 1
	paste dns fping | row "CPU a probe, dns, 100 a second" µs fping 1.0
	paste dns floor-dns | row "CPU a probe, dns, 100 a second" µs "paced floor" 1.15
	paste tcp fping | row "CPU a probe, tcp, 100 a second" µs fping 1.0
	paste tcp floor-tcp | row "CPU a probe, tcp, 100 a second" µs "paced floor" 1.15
}

# --- 2. at full load, against a fast responder ----------------------------------------------

load_rounds=${BENCH_ROUNDS:-5}
read -ra load_sizes <<<"${BENCH_SIZES:-10 100 1000 10000}"

# A namespace that answers for every address, behind one veth pair.
responder_up() {
	tmpfs_over /run 755 || return
	mkdir -m 1777 "$scratch"
	cd "$scratch" || return 1
	ip netns add far
	ip link set lo up
	ip link add near type veth peer name far netns far
	ip -batch - <<-'END'
		addr add fd00:64::1/64 dev near nodad
		link set near up
		route add 2001:db8::/32 via fd00:64::2
	END
	ip -n far -batch - <<-'END'
		link set lo up
		addr add fd00:64::2/64 dev far nodad
		link set far up
		route add local 2001:db8::/32 dev lo
	END
	in_ns far sysctl -qw net.core.somaxconn=4096
	ip netns exec far "${within[@]}" "$bench_build/responder" 2>"$scratch/responder.log" &
	disown
	wait_until 5 dig @2001:db8::1 +time=1 +tries=1 . SOA >/dev/null
}

# load_list COUNT: the prefix file, and one address under each prefix, for the floor.
load_list() {
	awk -v count="$1" 'BEGIN { for (i = 0; i < count; i++) printf "2001:db8:0:%x::/96\n", i }' \
		>"$scratch/prefixes"
	sed 's|::/96$|::c629:4|' "$scratch/prefixes" >"$scratch/addresses"
}

part_load() {
	local size round window settle monitor=$build_dir/nat64-monitor prefix_file=$scratch/prefixes
	# All on one processor: whom the responder preempts, and where, would differ from run to run,
	# and to wait for another processor's answer would cost the floor the most.
	within=(taskset -c "$(($(nproc) - 1))")
	responder_up || return 1
	# As many descriptors as 10,000 prefixes may want, or what this machine grants.
	ulimit -n 524288 2>/dev/null || ulimit -n "$(ulimit -Hn)"
	for ((round = 1; round <= load_rounds; round++)); do
		for size in "${load_sizes[@]}"; do
			say "  round $round of $load_rounds, $size prefixes"
			load_list "$size"
			window=4 settle=3
			[ "$size" -lt 1000 ] && window=6
			[ "$size" -ge 10000 ] && settle=5
			monitor_cost $settle $window "$size" >>"cost-$size"
			program_cost $window "$bench_build/floor" both "$size" >>"floor-$size"
		done
		awk '$1 == "VmHWM:" { print $2 / 1024, 128 }' <<<"$prober_status" >>rss
		awk -v size="$size" '{ us = $1 } END { print us == "-" ? us : us * size / 1e6, 1 }' \
			"cost-$size" >>processor
		program_cost 4 "$bench_build/floor" both 0 >>floor-unpaced
	done
	for size in "${load_sizes[@]}"; do
		paste "cost-$size" "floor-$size" |
			row "CPU a probe, dns and tcp, $size prefixes" µs "floor at the same pace" -
	done
	paste cost-10000 cost-10 | row "CPU a probe, 10,000 prefixes" µs "10 prefixes" 1.2
	paste cost-10000 cost-1000 | row "CPU a probe, 10,000 prefixes" µs "1,000 prefixes" 1.2
	paste cost-10000 floor-unpaced | row "CPU a probe, 10,000 prefixes" µs "unpaced floor" 1.4
	row "memory, 10,000 prefixes, 16 targets, 2 methods" MiB "the bound" 1.0 <rss
	row "processor time, the same" s/s "one core" 1.0 <processor
}
