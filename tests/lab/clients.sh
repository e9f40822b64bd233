# shellcheck shell=bash
# Clients of the lab: namespaces behind the router with a resolver of their own, real programs in
# them that connect by name, and CLATs. It judges nothing: tests and measurements do.
#
#     client ── lan (a bridge at the router, 2001:db8:64::/64 and 2001:db8:c::/64)
#
# By RFC 6724's rule 9 a client in 2001:db8:64::/64 prefers gateway 1's prefix, which has most leading
# bits in common with its own address (63), then those of 2 and 3 (62). For a client in 2001:db8:c::/64
# they are all alike.

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
	echo 'statistics-channels { inet 198.51.100.1 port 80 allow { any; }; };' >>/etc/bind/ipv4.conf
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

# at_client NAME COMMAND...: with its resolvers. "ip netns exec" gives a mount namespace.
at_client() {
	# shellcheck disable=SC2016
	ip netns exec "$1" sh -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' \
		"$scratch/resolv.$1" "${@:2}"
}

# client_connects NAME [OPTION...] HOST PORT: one connection; prints the address.
client_connects() {
	at_client "$1" "$scratch/connect" "${@:2}"
}

# --- Debian 13 -----------------------------------------------------------------------------

# What Debian 12 has not, or too old: radvd with PREF64, clatd, BIND 9.20, curl with fallback within a
# family, systemd-networkd with PREF64. tests/lab/image makes it once.
image_dir=/var/cache/nat64health/clients
image=$scratch/image

# image_mount DIRECTORY: a copy of the image; what is written to it goes with the world.
image_mount() {
	mkdir "$1" "$1.files" "$1.work"
	mount -t overlay -o "lowerdir=$image_dir,upperdir=$1.files,workdir=$1.work" image "$1"
	install -m 755 -t "$1/usr/local/sbin" "$updater" "$root_dir/docs/nat64health-radvd"
}

# image_up: one for chroot.
image_up() {
	local dir
	image_mount "$image"
	for dir in dev proc sys; do mount --rbind "/$dir" "$image/$dir"; done
}
