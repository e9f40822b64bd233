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

# at_client NAME COMMAND...: with its resolvers, in the image, too. "ip netns exec" gives a mount namespace.
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
	ip netns exec "$name" dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --pid-file \
		--user=nobody --listen-address=127.0.0.1 --bind-interfaces "${@/#/--server=}" \
		2>"$scratch/dnsmasq.$name" &
	disown
	echo "nameserver 127.0.0.1" >"$scratch/resolv.$name"
	wait_until 5 at_client "$name" dig +short +time=1 +tries=1 ns.lab.example AAAA >/dev/null
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
	touch "$image/etc/resolv.conf"
}

# --- CLATs ---------------------------------------------------------------------------------

# clat_start NAME [PREFIX]: Debian's clatd in that client; without PREFIX it finds one by ipv4only.arpa.
clat_start() {
	local name=$1
	cat >"$image/etc/clatd.$name" <<-END
		v4-conncheck-enable=no
		cmd-networkctl=none
		tayga-conffile=/tmp/clat.$name
		${2:+plat-prefix=$2}
	END
	rm -f "$image/tmp/clat.$name"
	at_client "$name" chroot "$image" clatd -c "/etc/clatd.$name" >>"$scratch/clatd.$name" 2>&1 &
	disown
	wait_until 20 clat_works "$name"
}

clat_works() {
	ip -n "$1" -4 route show default 2>/dev/null | grep -q clat && pgrep -f "^tayga .*/clat.$1 "
} >/dev/null

# clat_stop NAME: when its TAYGA ends, clatd ends.
clat_stop() {
	pkill -TERM -f "^tayga .*/clat.$1 "
	wait_until 10 not pgrep -f "clatd.$1\$"
} >/dev/null

# The prefix that a CLAT uses.
clat_prefix() {
	sed -n 's/^prefix //p' "$image/tmp/clat.$1"
}

# clat_follow_dns NAME: as RFC 7050, section 3, has it: asks again when the answer's TTL has ended.
# clatd itself asks once. Another prefix is taken only if the one in use has gone.
clat_follow_dns() {
	local answer
	while :; do
		answer=$(at_client "$1" dig +noall +answer ipv4only.arpa AAAA)
		if [ -n "$answer" ] && ! clat_prefix_is_in "$1" "$answer"; then
			clat_stop "$1"
			clat_start "$1"
		fi
		sleep "$(awk '{ print $2; exit }' <<<"${answer:-- 1}")"
	done
}

clat_prefix_is_in() {
	local n prefix
	prefix=$(clat_prefix "$1")
	for n in "${gateways[@]}"; do
		[ "$prefix" = "${prefixes[n]}" ] && [[ $2 == *"${synthesized[n]}"* ]]
	done
}

# clat_follow_ra NAME: PREF64 (RFC 8781), as it comes.
clat_follow_ra() {
	local name=$1 live prefix
	in_ns "$name" "$scratch/pref64" uplink | while read -r _ live; do
		live=$(tr ' ' '\n' <<<"$live" | sed '/=0$/d; s/=.*//')
		prefix=$(clat_prefix "$name" 2>/dev/null)
		[ -z "$live" ] || grep -qxF "${prefix:-none}" <<<"$live" && continue
		clat_stop "$name"
		clat_start "$name" "$(head -n 1 <<<"$live")"
	done
}

# --- router advertisements -----------------------------------------------------------------

# radvd_start: on the bridge, with the set that server 1 was given, and follows it. A path unit does
# that in a world with systemd.
radvd_start() {
	cp "$prefix_file" "$image/etc/bind/nat64-prefixes"
	mount --bind /var/lib/bind "$image/var/lib/bind"
	cat >"$image/etc/radvd.conf.nat64" <<-'END'
		interface lan {
			AdvSendAdvert on;
			nat64prefixes;
		};
	END
	radvd_update || return 1
	chroot "$image" radvd --nodaemon --logmethod logfile --logfile /tmp/radvd.log &
	disown
	radvd_follow &
	disown
}

radvd_update() {
	chroot "$image" nat64health-radvd 2>>"$scratch/radvd-update"
} >/dev/null

radvd_follow() {
	local seen='' file
	while sleep 0.1; do
		file=$(stat -c %i.%Y "$dns64_conf")
		[ "$file" = "$seen" ] && continue
		seen=$file
		radvd_update
	done
}
