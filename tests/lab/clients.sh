# shellcheck shell=bash
# Clients of the lab: namespaces behind the router with a resolver of their own, and what connects by
# name in them. It judges nothing: tests and measurements do.
#
#     client ── lan (a bridge at the router, 2001:db8:64::/64 and 2001:db8:c::/64)
#
# By RFC 6724's rule 9 a client in 2001:db8:64::/64 prefers gateway 1's prefix, which has most
# leading bits in common with its own address (63), then those of 2 and 3 (62). For a client in
# 2001:db8:c::/64 they are all alike.

# clients_up: the bridge, and a web server at 198.51.100.1, which is www.lab.example.
clients_up() {
	local n
	ip -batch - <<-'END'
		link add lan type bridge
		addr add 2001:db8:64::1/64 dev lan nodad
		addr add 2001:db8:c::1/64 dev lan nodad
		link set lan up
	END
	for n in "${gateways[@]}"; do
		ip -n "gw$n" -batch - <<-END
			route add 2001:db8:64::/64 via 2001:db8:10$n::1
			route add 2001:db8:c::/64 via 2001:db8:10$n::1
		END
	done
	web_up
}

# A name server's statistics serve as the page that clients fetch.
web_up() {
	echo 'statistics-channels { inet 198.51.100.1 port 80 allow { any; }; };' \
		>>/etc/bind/ipv4.conf
	pkill -HUP -f -x 'named .*/etc/bind/ipv4.conf'
	wait_until 10 in_ns ipv4 curl -s -o "$scratch/page" http://198.51.100.1/
}

# client_add NAME ADDRESS RESOLVER...: its resolv.conf is $scratch/resolv.NAME.
client_add() {
	local name=$1 address=$2
	ip netns add "$name"
	in_ns "$name" sysctl -qw net.ipv6.conf.{all,default}.accept_dad=0
	ip -batch - <<-END
		link add $name type veth peer name uplink netns $name
		link set $name master lan up
	END
	ip -n "$name" -batch - <<-END
		link set lo up
		addr add $address/64 dev uplink nodad
		link set uplink up
		route add default via ${address%::*}::1
	END
	printf 'nameserver %s\n' "${@:3}" >"$scratch/resolv.$name"
}

# at_client NAME COMMAND...: with its resolvers, in the image, too. "ip netns exec" gives a mount
# namespace.
at_client() {
	# shellcheck disable=SC2016
	ip netns exec "$1" sh -c 'mount --bind "$0" /etc/resolv.conf
		if [ -e "$1" ]; then mount --bind "$0" "$1"; fi
		shift
		exec "$@"' "$scratch/resolv.$1" "$image/etc/resolv.conf" "${@:2}"
}

# client_connects NAME [OPTION...] HOST PORT: one connection; prints the address.
client_connects() {
	at_client "$1" "$scratch/connect" "${@:2}"
}

# stub_start NAME SERVER...: a caching forwarder in the client, which the client asks from now on.
stub_start() {
	local name=$1
	shift
	ip netns exec "$name" dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv \
		--no-hosts --pid-file --user=nobody --listen-address=127.0.0.1 \
		--bind-interfaces "${@/#/--server=}" 2>"$scratch/dnsmasq.$name" &
	disown
	echo "nameserver 127.0.0.1" >"$scratch/resolv.$name"
	wait_until 5 at_client "$name" dig +short +time=1 +tries=1 ns.lab.example AAAA >/dev/null
}

# --- the order of addresses ------------------------------------------------------------------

# blocks_write PREFIX...: BIND's file, in this order, and BIND reads it.
blocks_write() {
	local prefix
	for prefix; do echo "dns64 $prefix { };"; done >"$dns64_conf"
	kill -HUP "$(bind_pid)"
	wait_until 10 blocks_served "$@"
}

blocks_served() {
	local prefix answer
	answer=$(in_ns dns64 dig @::1 +short +time=1 +tries=1 www.lab.example AAAA)
	[ "$(wc -l <<<"$answer")" -eq $# ] || return
	for prefix; do grep -qx "${prefix%::/96}::c633:6401" <<<"$answer" || return; done
}

# first_addresses CLIENT: the prefixes that come first in 20 lists of getaddrinfo's.
first_addresses() {
	# shellcheck disable=SC2016
	at_client "$1" sh -c 'for i in $(seq 20); do
			getent ahostsv6 www.lab.example | head -n 1
		done' |
		sed 's/::c633:6401 .*/::\/96/' | sort -u | paste -sd ' '
}

resolves() {
	[ "$(in_ns dns64 dig @::1 +short +time=30 +tries=1 "$1" A)" = 198.51.100.1 ]
}

# rrset_order STATEMENT: in BIND's options, in the place of one before.
rrset_order() {
	sed -i '/rrset-order/d' /etc/bind/named.conf.options
	sed -i "0,/{\$/s/{\$/&\n$1/" /etc/bind/named.conf.options
}

# Reads addresses of any of the lab's targets under the prefixes, prints the prefixes.
prefixes_of_addresses() {
	local address n
	while read -r address; do
		for n in "${gateways[@]}"; do
			case ${prefixes[n]} in
			*::/96) [[ $address == "${prefixes[n]%::/96}"::* ]] || continue ;;
			*::/64) [[ $address == "${prefixes[n]%::/64}":[!:]* ]] || continue ;;
			esac
			echo "${prefixes[n]}"
		done
	done
}

# --- what is documented ----------------------------------------------------------------------

# Gateway 1 first, and in the set as long as it works.
prefixes_tiered() {
	printf '%s\n' "${prefixes[1]}" "${prefixes[2]} tier=1" "${prefixes[3]} tier=1" \
		"${prefixes[4]} tier=2" "${prefixes[5]} tier=2" >"$prefix_file"
}

# is_first_for CLIENT N
is_first_for() {
	[ "$(client_connects "$1" -t 5000 www.lab.example 80)" = "${synthesized_target[$2]}" ]
}

# The document's zone in the lab's configuration; BIND is to be started again.
doc_ipv4only_zone() {
	doc_block clat:zone
	echo "$block" >>/etc/bind/named.conf.local
	doc_install clat /etc/bind/db.ipv4only.arpa
	doc_block clat:options
	sed "/^options {/r /dev/stdin" -i /etc/bind/named.conf.options <<<"$block"
	in_ns dns64 named-checkconf -z >"$scratch/checkconf" || fail "$(cat "$scratch/checkconf")"
}
