# shellcheck shell=bash
# The lab: real NAT64 translators (TAYGA) and a real DNS64 server (BIND) in network namespaces,
# the faults that befall them, and the questions that show what BIND then serves.
# It judges nothing: tests, measurements and the demo do.
#
#     dns64 ──── router ──┬── gw1 ──┬── ipv4
#     BIND, the pair      ├── gw2 ──┤   targets: a name server on many addresses
#     2001:db8:1::53      ├── gw3 ──┤   198.51.100.1 to .13, and the root servers'
#                         ├── gw4 ──┤   the public resolvers', which take TCP on port 443, too
#                         └── gw5 ──┘
#             IPv6           NAT64        IPv4
#
# All of it lives in one private world (mount, network and process namespaces). Nothing is
# connected to the machine's own network, and the kernel removes everything when the world's
# first process ends, however it ends.

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root_dir=$(cd "$lab_dir/../.." && pwd)
# The programs under test; as for make, BUILD names another build.
build_dir=$(cd "$root_dir" && realpath -m "${BUILD:-build}")
# shellcheck source=../world.sh
. "$root_dir/tests/world.sh"
scratch=/run/lab
# The installed programs. "su -" leaves sbin out of PATH; the monitor finds the updater beside it.
monitor=/usr/local/sbin/nat64-monitor
updater=/usr/local/sbin/nat64-update
prefix_file=/etc/bind/nat64-prefixes
dns64_conf=/var/lib/bind/dns64.conf
pair_log=$scratch/pair.log

# A sixth gateway and further DNS64 servers are built by the tests that need them.
gateways=(1 2 3 4 5)
prefixes=([1]=2001:db8:64:1::/96 [2]=2001:db8:64:2::/96 [3]=2001:db8:64:3::/96
	[4]=2001:db8:64:4::/96 [5]=2001:db8:64:5::/64 [6]=2001:db8:64:6::/96)
# ipv4only.arpa's first address, 192.0.0.170, under each prefix (RFC 6052, section 2.2), as dig
# prints it. Written by hand so that the answers are judged without the programs' own arithmetic.
synthesized=([1]=2001:db8:64:1::c000:aa [2]=2001:db8:64:2::c000:aa [3]=2001:db8:64:3::c000:aa
	[4]=2001:db8:64:4::c000:aa [5]=2001:db8:64:5:c0:0:aa00:0 [6]=2001:db8:64:6::c000:aa)

# 198.51.100.1 likewise.
synthesized_target=([1]=2001:db8:64:1::c633:6401 [2]=2001:db8:64:2::c633:6401
	[3]=2001:db8:64:3::c633:6401 [4]=2001:db8:64:4::c633:6401 [5]=2001:db8:64:5:c6:3364:100:0
	[6]=2001:db8:64:6::c633:6401)

targets=(198.51.100.{1..13})
# The monitor's default targets. They exist only inside the lab.
root_servers=(198.41.0.4 170.247.170.2 192.33.4.12 199.7.91.13 192.203.230.10 192.5.5.241
	192.112.36.4 198.97.190.53 192.36.148.17 192.58.128.30 193.0.14.129 199.7.83.42 202.12.27.33)
resolvers=(1.1.1.1 8.8.8.8 9.9.9.9)

# Set for the first process of a world, and not for what it starts: that may be another lab.
in_world=${LAB_WORLD:-}
unset LAB_WORLD

# --- the world -----------------------------------------------------------------------------

# Prints what this machine lacks for a lab, a line each.
lab_missing() {
	local tool
	[ "$(id -u)" -eq 0 ] || echo "root: network namespaces and NAT64 translators need it"
	for tool in mount named dig tayga nft ip unshare setpriv nsenter ps pgrep sysctl su; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null || echo "the program $tool"
	done
	if [ ! -c /dev/net/tun ]; then
		echo "/dev/net/tun: TAYGA needs it (modprobe tun; in a container, pass the device in)"
	elif [ "$(id -u)" -eq 0 ]; then
		unshare --mount --net --pid --fork true 2>&1 | sed 's/^/namespaces: /'
	fi
}

# Runs COMMAND as the first process of a new world and replaces this (sub)shell. The world dies
# with the process that called: the kernel sends the KILLs, so no signal can be missed. A shell
# ignores INT in its background commands; the programs under test must not inherit that.
world_exec() {
	exec setpriv --pdeathsig KILL env --default-signal=INT,QUIT \
		unshare --mount --net --pid --fork --kill-child --mount-proc "$@"
}

# Runs this script again in a new world and ends with its status. Not in the foreground: a shell
# that waits for a foreground command puts off dying of TERM and INT.
world_enter() {
	lab_require
	(world_exec env LAB_WORLD=1 "$@") <&0 &
	wait $!
	exit $?
}

lab_require() {
	local missing
	missing=$(lab_missing)
	[ -z "$missing" ] && return
	echo "The lab cannot run here. Missing:" >&2
	# shellcheck disable=SC2001
	sed 's/^/  /' <<<"$missing" >&2
	exit 1
}

# The caller ends if this fails.
lab_up() {
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	if [ $$ -ne 1 ]; then
		echo "a lab is set up by the first process of a world" >&2
		return 1
	fi
	files_up || return
	network_up
	ipv4_up
	local n
	for n in "${gateways[@]}"; do gateway_start "$n"; done
	bind_start || return
	for n in "${gateways[@]}"; do wait_until 10 gateway_works "$n" || return; done
}

# Private copies of every directory that the programs, BIND or `ip netns` write to.
files_up() {
	local etc_bind=/run/etc-bind dir
	tmpfs_over /run 755 && cp -a /etc/bind "$etc_bind" || return
	for dir in /etc/bind /var/lib/bind /var/cache/bind /usr/local/bin /usr/local/sbin; do
		tmpfs_over "$dir" 775 && chgrp bind "$dir" || return
	done
	chmod 755 /usr/local/bin /usr/local/sbin &&
		cp -a "$etc_bind/." /etc/bind &&
		install -d -m 775 -g bind /run/named &&
		install -d -m 1777 "$scratch" &&
		install -m 755 -t /usr/local/sbin "$build_dir"/nat64-{monitor,update} &&
		install -m 755 -t "$scratch" "$build_dir"/tests/lab/{answers,connect,delay,pref64} &&
		install -m 755 -t "$scratch" "$lab_dir/attempts" &&
		install -o bind -g bind /dev/null "$dns64_conf" || return
	prefixes_write "${gateways[@]}"

	cat >/etc/bind/named.conf.options <<-'END'
		options {
			directory "/var/cache/bind";
			dnssec-validation auto;
			listen-on-v6 { any; };
			include "/var/lib/bind/dns64.conf";
		};
	END
	cat >/etc/bind/named.conf.local <<-'END'
		zone "lab.example" { type primary; file "/etc/bind/db.lab"; };
	END
	cat >/etc/bind/db.lab <<-'END'
		$TTL 60
		@ SOA ns hostmaster 1 3600 600 86400 60
		@ NS ns
		ns AAAA 2001:db8:1::53
		www A 198.51.100.1
	END
}

network_up() {
	local n ns
	sysctl -qw net.ipv6.conf.{all,default}.accept_dad=0 net.ipv6.conf.all.forwarding=1
	ip link set lo up
	host_add dns64 1
	ip netns add ipv4
	in_ns ipv4 sysctl -qw net.ipv6.conf.{all,default}.accept_dad=0
	for n in "${gateways[@]}"; do gateway_connect "$n"; done
	{
		echo "link set lo up"
		printf 'addr add %s/32 dev lo\n' "${targets[@]}" "${root_servers[@]}" "${resolvers[@]}"
	} | ip -n ipv4 -batch -
	for ns in "" ipv4; do firewall_up "$ns"; done
	probes_count_up
}

# host_add NAMESPACE N: 2001:db8:N::53, behind the router.
host_add() {
	local ns=$1 n=$2
	ip netns add "$ns"
	in_ns "$ns" sysctl -qw net.ipv6.conf.{all,default}.accept_dad=0
	ip -batch - <<-END
		link add $ns type veth peer name uplink netns $ns
		addr add 2001:db8:$n::1/64 dev $ns nodad
		link set $ns up
	END
	ip -n "$ns" -batch - <<-END
		link set lo up
		addr add 2001:db8:$n::53/64 dev uplink nodad
		link set uplink up
		route add default via 2001:db8:$n::1
	END
}

# The router counts what goes to each prefix: queries, connections begun, echo requests.
probes_count_up() {
	local n
	{
		echo "table inet probes {"
		for n in "${!prefixes[@]}"; do echo "counter to$n { }"; done
		echo "chain forward { type filter hook forward priority -10;"
		for n in "${!prefixes[@]}"; do
			echo "ip6 daddr ${prefixes[n]} udp dport 53 counter name to$n"
			echo "ip6 daddr ${prefixes[n]} tcp flags & (syn | ack) == syn counter name to$n"
			echo "ip6 daddr ${prefixes[n]} icmpv6 type echo-request counter name to$n"
		done
		echo "}"
		echo "}"
	} | nft -f -
}

# probes_to N
probes_to() {
	nft list counter inet probes "to$1" | awk '$1 == "packets" { print $2 }'
}

# gateway_connect N: its namespace and its links to the router and to IPv4.
gateway_connect() {
	local n=$1
	ip netns add "gw$n"
	in_ns "gw$n" sysctl -qw net.ipv6.conf.{all,default}.accept_dad=0 net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1
	ip -batch - <<-END
		link add gw$n type veth peer name ipv6 netns gw$n
		addr add 2001:db8:10$n::1/64 dev gw$n nodad
		link set gw$n up
		route add ${prefixes[n]} via 2001:db8:10$n::2
	END
	ip -n "gw$n" -batch - <<-END
		link set lo up
		link add ipv4 type veth peer name gw$n netns ipv4
		addr add 2001:db8:10$n::2/64 dev ipv6 nodad
		addr add 10.0.$n.2/24 dev ipv4
		link set ipv6 up
		link set ipv4 up
		route add 2001:db8:1::/64 via 2001:db8:10$n::1
	END
	ip -n ipv4 -batch - <<-END
		addr add 10.0.$n.1/24 dev gw$n
		link set gw$n up
		route add 10.64.$n.0/24 via 10.0.$n.2
	END
	ip -n "gw$n" route add default via "10.0.$n.1"
	firewall_up "gw$n"
}

in_ns() {
	ip netns exec "$@"
}

# The router's namespace is the world's own and has no name.
in_ns_or_router() {
	if [ -n "$1" ]; then in_ns "$@"; else "${@:2}"; fi
}

firewall_up() {
	in_ns_or_router "$1" nft -f - <<-'END'
		table inet lab {
			chain forward { type filter hook forward priority 0; }
			chain input { type filter hook input priority 0; }
		}
	END
}

firewall_clear() {
	in_ns_or_router "$1" nft flush table inet lab
}

# A root name server stands for the Internet's IPv4 hosts.
ipv4_up() {
	cat >/etc/bind/ipv4.conf <<-'END'
		options {
			directory "/var/cache/bind";
			listen-on { any; };
			listen-on port 443 { any; };
			recursion no;
			dnssec-validation no;
			pid-file none;
			session-keyfile none;
		};
		controls { };
		zone "." { type primary; file "/etc/bind/db.ipv4"; };
	END
	cat >/etc/bind/db.ipv4 <<-'END'
		$TTL 60
		@ SOA ns.lab.example. hostmaster.lab.example. 1 3600 600 86400 60
		@ NS ns.lab.example.
		ns.lab.example. A 198.51.100.1
	END
	ip netns exec ipv4 named -g -4 -n 1 -u bind -c /etc/bind/ipv4.conf 2>"$scratch/ipv4.log" &
}

# --- gateways ------------------------------------------------------------------------------

gateway_start() {
	local n=$1
	cat >"$scratch/gw$n.conf" <<-END
		tun-device nat64
		prefix ${prefixes[n]}
		ipv4-addr 10.64.$n.1
		dynamic-pool 10.64.$n.0/24
	END
	in_ns "gw$n" tayga --mktun -c "$scratch/gw$n.conf" >/dev/null
	ip -n "gw$n" -batch - <<-END
		link set nat64 up
		route replace ${prefixes[n]} dev nat64
		route replace 10.64.$n.0/24 dev nat64
	END
	ip -n "gw$n" -6 route flush root "${prefixes[n]}" metric 1
	ip netns exec "gw$n" tayga --nodetach -c "$scratch/gw$n.conf" 2>"$scratch/gw$n.log" &
	disown
}

# gateway_add N: one more than the lab starts with.
gateway_add() {
	gateways+=("$1")
	gateway_connect "$1"
	gateway_start "$1"
	wait_until 10 gateway_works "$1"
}

# gateway_works N [DIG-OPTION...]: a name server behind it answers.
gateway_works() {
	in_ns dns64 dig "@${synthesized_target[$1]}" +short +time=1 +tries=1 "${@:2}" . NS |
		grep -q '^ns.lab.example'
}

# gateway_kill N [blackhole|unreachable]: the translator dies; what is sent to its prefix
# disappears, or comes back as an ICMP error.
gateway_kill() {
	local n=$1 fate=${2:-blackhole}
	ip -n "gw$n" route add "$fate" "${prefixes[n]}" metric 1
	pkill -KILL -f "^tayga .*/gw$n.conf$"
}

# gateway_cut_ipv4 N: the translator works, the network behind it does not.
gateway_cut_ipv4() {
	gateway_drop "$1" oifname ipv4
}

# gateway_block N udp|tcp
gateway_block() {
	gateway_drop "$1" iifname ipv6 meta l4proto "$2"
}

# gateway_block_target N ADDR...: targets refuse one gateway.
gateway_block_target() {
	gateway_drop "$1" oifname ipv4 ip daddr "{ $(IFS=, && echo "${*:2}") }"
}

# gateway_lose N PERCENT
gateway_lose() {
	gateway_drop "$1" iifname ipv6 numgen random mod 100 '<' "$2"
}

# gateway_reject N [MATCH...] WITH: what it would forward of that comes back as an error: "tcp reset",
# or "icmpv6 port-unreachable".
gateway_reject() {
	in_ns "gw$1" nft add rule inet lab forward iifname ipv6 "${@:2:$#-2}" reject with "${@: -1}"
}

# gateway_split N M SHARE: gateway N becomes one node of a cluster, and M, of which nothing was there
# yet, the other one, to which one in SHARE flows goes, by addresses and ports.
gateway_split() {
	local n=$1 m=$2
	sysctl -qw net.ipv6.fib_multipath_hash_policy=1
	# Else each flow has a label of its own, and routers hash that, too.
	in_ns dns64 sysctl -qw net.ipv6.auto_flowlabels=0
	prefixes[m]=${prefixes[n]}
	ip -6 route del "${prefixes[n]}"
	gateway_connect "$m"
	gateway_start "$m"
	ip -6 route replace "${prefixes[n]}" nexthop via "2001:db8:10$n::2" weight $(($3 - 1)) \
		nexthop via "2001:db8:10$m::2" weight 1
}

# gateway_fill N: its session table is full: old flows go on, new ones get nowhere.
gateway_fill() {
	gateway_drop "$1" iifname nat64 ct state new
}

# gateway_slow N MILLISECONDS: packets to its translator wait that long.
gateway_slow() {
	local n=$1
	in_ns "gw$n" ip tuntap add slow mode tun
	ip -6 -n "gw$n" -batch - <<-END
		link set slow up
		route add ${prefixes[n]} dev slow table 100
		rule add iif ipv6 lookup 100
	END
	ip netns exec "gw$n" "$scratch/delay" slow "$2" &
	disown
}

# gateway_is_slow N MILLISECONDS: an answer through it takes at least that long.
gateway_is_slow() {
	local start=${EPOCHREALTIME/./}
	gateway_works "$1" && [ $((${EPOCHREALTIME/./} - start)) -ge "${2}000" ]
}

gateway_drop() {
	in_ns "gw$1" nft add rule inet lab forward "${@:2}" drop
}

# gateway_repair N: the network around a gateway works again.
gateway_repair() {
	firewall_clear "gw$1"
}

# --- targets and the uplink ----------------------------------------------------------------

target_kill() {
	in_ns ipv4 nft add rule inet lab input ip daddr "$1" drop
}

target_reset() {
	in_ns ipv4 nft add rule inet lab input ip daddr "$1" meta l4proto tcp reject with tcp reset
}

# port_close udp|tcp PORT: for all gateways alike.
port_close() {
	nft add rule inet lab forward "$1" dport "$2" drop
}

uplink_cut() {
	nft add rule inet lab forward drop
}

uplink_restore() {
	firewall_clear ""
}

# The machine has no way out: probes fail when they are sent, not when they time out.
default_route_remove() {
	ip -n dns64 -6 route del default
}

default_route_add() {
	ip -n dns64 -6 route add default via 2001:db8:1::1
}

# --- BIND ----------------------------------------------------------------------------------

named_command=(named)

bind_start() {
	on_server "${named_command[@]}" -g -n 1 -u bind 2>>"$scratch/named.log" &
	disown
	wait_until 10 bind_answers
}

bind_answers() {
	[ "$(on_server dig @::1 +short +time=1 +tries=1 ns.lab.example AAAA)" = 2001:db8:1::53 ]
}

bind_stop() {
	local pid
	pid=$(bind_pid)
	kill -TERM "$pid"
	wait_until 10 gone "$pid"
}

bind_restart() {
	bind_stop
	bind_start
}

bind_hang() {
	kill -STOP "$(bind_pid)"
}

bind_resume() {
	kill -CONT "$(bind_pid)"
}

bind_pid() {
	on_server cat /run/named/named.pid
}

# --- further DNS64 servers -----------------------------------------------------------------

# The server that commands and questions are for: 1 is the one in namespace dns64.
server=1
server_processes=()

# at SERVER COMMAND...
at() {
	local server=$1
	"${@:2}"
}

on_server() {
	if [ "$server" -eq 1 ]; then
		ip netns exec dns64 "$@"
	else
		nsenter --target "${server_processes[server]}" --net --mount --root "$@"
	fi
}

# server_add N: 2001:db8:N::53, with directories of its own under the same names.
server_add() {
	local n=$1 ns=dns64-$1 gateway
	host_add "$ns" "$n"
	for gateway in "${gateways[@]}"; do
		ip -n "gw$gateway" route add "2001:db8:$n::/64" via "2001:db8:10$gateway::1"
	done
	cp -a /etc/bind "$scratch/$ns"
	# The mount namespace that "ip netns exec" makes lasts as long as this process.
	# shellcheck disable=SC2016
	ip netns exec "$ns" bash -c '. "$2"
		for dir in /etc/bind /var/lib/bind /var/cache/bind /run/named; do
			tmpfs_over "$dir" 775 && chgrp bind "$dir" || exit
		done
		cp -a "$1/." /etc/bind && touch "$1/up" && exec sleep infinity' - "$scratch/$ns" "$root_dir/tests/world.sh" &
	server_processes[n]=$!
	disown
	wait_until 10 test -e "$scratch/$ns/up"
}

# --- the pair ------------------------------------------------------------------------------

# prefixes_write N...: the prefix file, as simple as it gets.
prefixes_write() {
	local n
	for n; do echo "${prefixes[n]}"; done >"$prefix_file"
}

# Runs a command line as a person at the DNS64 server would: as BIND's user.
as_bind() {
	on_server su -s /bin/sh - bind -c "$1"
}

target_options() {
	printf -- '-t %s ' "${targets[@]}"
}

# pair_start [MONITOR-OPTION...]: the README's command line. On a busy machine a gateway may seem slow, so
# tests that are not about latency set slack.
pair_start() {
	background_as_bind "$monitor $(target_options) ${slack:-} $* $prefix_file -- nat64-update"
}

background_as_bind() {
	on_server su -s /bin/sh - bind -c "$1" </dev/null >>"$pair_log" 2>&1 &
	pair_job=$!
}

# The first monitor is the supervisor; prober and updater are its children.
supervisor_pid() {
	pgrep -x nat64-monitor | head -n 1
}

prober_pid() {
	pgrep -x -P "$(supervisor_pid)" nat64-monitor
}

updater_pid() {
	pgrep -x -P "$(supervisor_pid)" nat64-update
}

pair_runs() {
	prober_pid && updater_pid
} >/dev/null

# No process of the pair is left.
pair_gone() {
	! pgrep '^nat64-'
} >/dev/null

pair_stop() {
	kill -TERM "$(supervisor_pid)"
	wait_until 10 pair_gone
}

# started_anew PROGRAM PIDS: it runs, and not as PIDS.
started_anew() {
	local now
	now=$(pgrep -x "$1") && [ "$now" != "$2" ]
}

# --- questions -----------------------------------------------------------------------------

# Asks BIND for the prefixes under which it synthesizes, sorted. What is no known prefix is
# printed as dig gave it.
served_set() {
	local address n known
	on_server dig @::1 +short +time=3 +tries=3 ipv4only.arpa AAAA | sort |
		while read -r address; do
			case $address in *ab | *ab00:0) continue ;; esac # 192.0.0.171, the other address
			known=$address
			for n in "${gateways[@]}"; do
				[ "$address" = "${synthesized[n]}" ] && known=${prefixes[n]}
			done
			echo "$known"
		done | paste -sd ' '
}

# serving N...: BIND synthesizes under exactly these gateways' prefixes.
serving() {
	[ "$(served_set)" = "$(set_of "$@")" ]
}

# set_of N...: these gateways' prefixes as served_set prints them.
set_of() {
	local n
	for n; do echo "${prefixes[n]}"; done | sort | paste -sd ' '
}

# serves N: this gateway's prefix is among those that BIND serves.
serves() {
	[[ " $(served_set) " == *" ${prefixes[$1]} "* ]]
}

served_count() {
	[ "$(served_set | wc -w)" -eq "$1" ]
}

# answers_record FILE [MILLISECONDS]: from now on, notes each change of BIND's answers, as
# "SECONDS.MILLISECONDS PREFIX...", sorted, or "SECONDS.MILLISECONDS no answer".
answers_record() {
	rm -f "$1" # an earlier one would end the wait below
	on_server "$scratch/answers" "${2:-10}" >"$1" 2>/dev/null & # its shell would tell of its end
	disown
	wait_until 5 test -s "$1"
}

gone() {
	[ ! -d "/proc/$1" ]
}

not() {
	! "$@"
}
