# shellcheck shell=bash
# 4. A gateway dies: how soon BIND answers without it, and how soon the health checks of HAProxy,
# dnsdist and keepalived have seen it. All of them watch the same five gateways in the same lab, so
# each death is seen by all. Then a lossy network, in which nothing dies at all.

# Eight deaths in each of seven labs, 20 s after everybody was started: by then the monitor's prior
# of a prefix's loss has given way to what it has seen. Of keepalived's default of a minute between
# checks there are two a lab.
deaths_labs=7
deaths_per_lab=8
deaths_after_s=20
deaths_slow=2
loss_seconds=600
if [ -n "${BENCH_ROUNDS:-}" ]; then
	deaths_labs=2 deaths_per_lab=$BENCH_ROUNDS deaths_slow=1 loss_seconds=60
fi

# What a peer's log says when it has given up a gateway, gw1 or 10.9.9.1.
declare -A removal=(
	[haproxy]='Server gateways/gw%d is DOWN'
	[dnsdist]="downstream gw%d .*as 'down'"
	[keepalived]='Removing service \[10.9.9.%d\]'
)

# peer_start NAME COMMAND...: its log gets the time before each line.
peer_start() {
	local name=$1 line
	ip netns exec dns64 "${@:2}" </dev/null 2>&1 | while IFS= read -r line; do
		echo "$EPOCHREALTIME $line"
	done >"$scratch/$name.log" &
	disown
}

# As in Debian's haproxy.cfg: checks every 2 s, three failures in a row, two answers to come back.
haproxy_start() {
	local n
	{
		cat <<-'END'
			defaults
				mode tcp
				timeout connect 5000
				timeout client 50000
				timeout server 50000
			listen gateways
				bind 127.0.0.1:8053
		END
		for n in "${gateways[@]}"; do echo "	server gw$n [${synthesized_target[n]}]:53 check"; done
	} >"$scratch/haproxy.cfg"
	peer_start haproxy haproxy -db -f "$scratch/haproxy.cfg"
}

# dnsdist_start NAME PORT [SETTING]: checks every second with a query, one failure is enough.
dnsdist_start() {
	local n
	{
		echo "setLocal('127.0.0.1:$2')"
		for n in "${gateways[@]}"; do
			echo "newServer({address='[${synthesized_target[n]}]:53', name='gw$n'${3:-}})"
		done
	} >"$scratch/$1.conf"
	peer_start "$1" dnsdist --supervised --disable-syslog -C "$scratch/$1.conf"
}

# keepalived_start NAME [SETTING]: checks every minute, 5 s to connect, one more try after 1 s. The
# real servers have IPv4 addresses of no meaning, since IPv6 ones need netlink, which is not there
# without IPVS; the checks go where connect_ip says.
keepalived_start() {
	local n
	{
		printf 'virtual_server 10.9.9.99 53 {\nprotocol TCP\n%s\n' "${2:-}"
		for n in "${gateways[@]}"; do
			cat <<-END
				real_server 10.9.9.$n 53 {
					TCP_CHECK {
						connect_ip ${synthesized_target[n]}
						connect_port 53
					}
				}
			END
		done
		echo '}'
	} >"$scratch/$1.conf"
	peer_start "$1" env LD_PRELOAD="$bench_build/no_ipvs.so" keepalived -n -l -D -C \
		-f "$scratch/$1.conf" -p "$scratch/$1.pid" -c "$scratch/$1-checkers.pid"
}

# peers_start NAME...
peers_start() {
	local name
	for name; do
		case $name in
		haproxy) haproxy_start ;;
		dnsdist) dnsdist_start "$name" 5301 ;;
		dnsdist-2s) dnsdist_start "$name" 5302 ", checkInterval=2" ;;
		keepalived) keepalived_start "$name" ;;
		keepalived-2s) keepalived_start "$name" "delay_loop 2" ;;
		esac
	done
}

# Those that are not installed measure nothing, and keep nobody else from it.
peers_stop() {
	pkill -KILL -x 'haproxy|dnsdist|keepalived'
}

# removals NAME N: the lines that say so of this gateway.
removals() {
	local pattern
	# shellcheck disable=SC2059
	printf -v pattern "${removal[${1%-2s}]}" "$2"
	grep "$pattern" "$scratch/$1.log"
}

# peers_noticed N NAME...
peers_noticed() {
	local name
	for name in "${@:2}"; do
		removals "$name" "$1" >/dev/null || return 1
	done
}

# Prints a line a death: "NAME SECONDS" of everybody who noticed, ours first.
deaths_lab() {
	local round name ours peers
	lab_up
	for ((round = 0; round < deaths_per_lab; round++)); do
		peers=(haproxy dnsdist dnsdist-2s keepalived-2s)
		[ "$round" -lt "$deaths_slow" ] && peers+=(keepalived)
		peers_start "${peers[@]}"
		kill_served $deaths_after_s >"$scratch/ours" || return 1
		ours=$(cat "$scratch/ours")
		wait_until 80 peers_noticed "$victim" "${peers[@]}" ||
			say "  not all peers noticed the death of gw$victim"
		{
			echo "ours $ours"
			for name in "${peers[@]}"; do
				removals "$name" "$victim" | awk -v start="$killed_at" -v name="$name" \
					'$1 > start { print name, $1 - start; exit }'
			done
		} | paste -sd ' '
		peers_stop
		kill_undo
	done
}

# Prints "NAME REMOVALS" of everybody, in a lab where 2% of the packets are lost at each of the
# four times that a probe and its answer pass a gateway.
loss_lab() {
	local n name peers=(haproxy dnsdist dnsdist-2s keepalived-2s keepalived)
	lab_up
	peers_start "${peers[@]}"
	pair_start
	wait_until 10 served_count 3 || return 1
	sleep 5
	for n in "${gateways[@]}"; do
		gateway_drop "$n" numgen random mod 100 '<' 2
	done
	cp "$pair_log" "$scratch/before"
	sleep "$loss_seconds"
	echo "ours $(grep -c ' is down: ' "$pair_log")"
	for name in "${peers[@]}"; do
		pgrep -x "${name%-2s}" >/dev/null || continue # not installed, or dead
		for n in "${gateways[@]}"; do removals "$name" "$n"; done |
			wc -l | sed "s/^/$name /"
	done
}

# deaths_row FILE NAME AIM [MORE-SECONDS]
deaths_row() {
	awk -v name="$2" -v more="${4:-0}" '{
		for (i = 3; i < NF; i += 2)
			if ($i == name)
				print $2, $(i + 1) + more
	}' "$1" | row "gateway's death to BIND's clean answer" s \
		"${peer_words[$2]}${4:+, plus $4 s}" "$3"
}

declare -A peer_words=(
	[haproxy]="HAProxy's checks, default (2 s)"
	[dnsdist]="dnsdist's checks, default (1 s)"
	[dnsdist-2s]="dnsdist's checks, every 2 s"
	[keepalived]="keepalived's TCP_CHECK, default (60 s)"
	[keepalived-2s]="keepalived's TCP_CHECK, every 2 s"
)

# loss_row FILE NAME
loss_row() {
	awk -v name="$2" -v words="${peer_words[$2]}" -v seconds=$loss_seconds '
		{ count[$1] = $2 }
		END {
			printf "false removals, 5 gateways, %d s of loss\t%s\t%s\t%s\t-\t-\t1\t0\t%s\n",
				seconds, count["ours"], words, name in count ? count[name] : "-",
				count["ours"] == "0" ? "met" : "MISSED"
		}' "$1"
}

part_deaths_run() {
	local lab name
	for ((lab = 1; lab <= deaths_labs; lab++)); do bench_start "$1/deaths-$lab" deaths_lab; done
	wait
	cat "$1"/deaths-* >"$1/deaths"
	say "  $(wc -l <"$1/deaths") deaths; now $loss_seconds s of loss"
	bench_start "$1/loss" loss_lab
	wait
	{
		deaths_row "$1/deaths" haproxy 0.33
		deaths_row "$1/deaths" keepalived-2s 0.33
		deaths_row "$1/deaths" keepalived 0.33
		deaths_row "$1/deaths" dnsdist-2s -
		deaths_row "$1/deaths" dnsdist-2s 1.0 0.5
		deaths_row "$1/deaths" dnsdist -
		for name in haproxy keepalived-2s dnsdist-2s dnsdist; do loss_row "$1/loss" "$name"; done
	} >"$2"
}
