# shellcheck shell=bash
# The faults that soak lays on the lab, by name, and how each is mended. Every one has a subject, which
# can have one fault at a time: a gateway by its number, or what the table says.

gateway_faults=(dead dead refusing no-udp no-tcp no-ipv4 full lossy slow one-target)
other_faults=(targets:targets-dead uplink:uplink-cut uplink:no-route
	named:named-killed named:named-stopped named:named-hung
	list:drained list:unlisted list:bad-list
	file:file-foreign file:file-short file:file-broken file:file-removed)
# These make the processes' memory begin anew.
kill_faults=(updater:updater-killed prober:prober-killed)

# With one of these, no probe of the method concerned gets through.
fault_is_deadly() {
	case $1 in dead | refusing | no-udp | no-tcp | no-ipv4 | full) ;; *) return 1 ;; esac
}

# fault_begin KIND SUBJECT NUMBER: the number chooses where there is a choice.
fault_begin() {
	local n=$((1 + $3 % 5))
	case $1 in
	dead) gateway_kill "$2" ;;
	refusing) gateway_kill "$2" unreachable ;;
	no-udp) gateway_block "$2" udp ;;
	no-tcp) gateway_block "$2" tcp ;;
	no-ipv4) gateway_cut_ipv4 "$2" ;;
	full) gateway_fill "$2" ;;
	lossy) gateway_lose "$2" 50 ;;
	slow)
		gateway_slow "$2" 200
		slow_job[$2]=$!
		;;
	one-target) gateway_block_target "$2" "${targets[$3 % 13]}" ;;
	targets-dead)
		target_kill "${targets[$3 % 13]}"
		target_kill "${targets[$3 / 13 % 13]}"
		;;
	uplink-cut) uplink_cut ;;
	no-route) default_route_remove ;;
	named-killed) kill -KILL "$named" ;;
	named-stopped) kill -TERM "$named" ;;
	named-hung) kill -STOP "$named" ;;
	drained) list_write "$n" "${prefixes[n]} drain" ;;
	unlisted) list_write "$n" ;;
	bad-list) list_write "$n" "${prefixes[n]%/*}/95" ;;
	file-foreign) file_write "dns64 2001:db8:ff:1::/96 { };" "dns64 2001:db8:ff:2::/96 { };" ;;
	file-short) file_write "dns64 ${prefixes[n]} { };" ;;
	file-broken) echo "dns64 nonsense;" >"$dns64_conf" ;;
	file-removed) rm -f "$dns64_conf" ;;
	updater-killed) kill -KILL "$updater_now" ;;
	prober-killed) kill -KILL "$prober_now" ;;
	esac 2>>"$scratch/faults.err"
}

# fault_end KIND SUBJECT. A file that was meddled with is the updater's to mend.
fault_end() {
	case $1 in
	dead | refusing) gateway_start "$2" ;;
	no-udp | no-tcp | no-ipv4 | full | lossy | one-target) gateway_repair "$2" ;;
	slow)
		kill "${slow_job[$2]}"
		ip -6 -n "gw$2" rule del iif ipv6 lookup 100
		ip -n "gw$2" link del slow
		;;
	targets-dead) firewall_clear ipv4 ;;
	uplink-cut) uplink_restore ;;
	no-route) default_route_add ;;
	named-hung) kill -CONT "$named" ;;
	named-*) named_spawn ;;
	drained | unlisted | bad-list) list_write 0 ;;
	esac 2>>"$scratch/faults.err"
}

# list_write N [LINE]: the prefix file with LINE in the place of gateway N's prefix; read again.
list_write() {
	local i
	for i in "${gateways[@]}"; do
		if [ "$i" -eq "$1" ]; then echo "${@:2}"; else echo "${prefixes[i]}"; fi
	done >"$prefix_file"
	kill -HUP "$supervisor"
}

# file_write LINE...: by hand, and BIND is told.
file_write() {
	printf '%s\n' "$@" >"$dns64_conf"
	kill -HUP "$named"
}

named_spawn() {
	ip netns exec dns64 named -g -n 1 -u bind 2>>"$scratch/named.log" &
	named=$!
	disown
}
