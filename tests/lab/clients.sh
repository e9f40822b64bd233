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
image_dir=${XDG_CACHE_HOME:-/var/cache}/nat64health/clients
image=$scratch/image

# image_mount DIRECTORY: a copy of the image; what is written to it goes with the world.
image_mount() {
	[ -d "$image_dir" ] || return
	mkdir "$1" "$1.files" "$1.work"
	mount -t overlay -o "lowerdir=$image_dir,upperdir=$1.files,workdir=$1.work" image "$1" ||
		return
	install -m 755 -t "$1/usr/local/sbin" "$updater" "$root_dir/docs/nat64health-radvd"
}

# image_up: one for chroot.
image_up() {
	local dir
	image_mount "$image" || return
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
	wait_until 60 clat_works "$name"
}

clat_works() {
	ip -n "$1" -4 route show default 2>/dev/null | grep -q clat && pgrep -f "^tayga .*/clat.$1 "
} >/dev/null

# clat_stop NAME: clatd ends when its TAYGA does.
clat_stop() {
	wait_until 30 clat_gone "$1"
}

clat_gone() {
	pkill -TERM -f "^tayga .*/clat.$1 "
	! pgrep -f "/etc/clatd.$1\$"
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
		answer=$(at_client "$1" dig +noall +answer ipv4only.arpa AAAA | grep -w AAAA)
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
		[ "$prefix" = "${prefixes[n]}" ] && [[ $2 == *"${synthesized[n]}"* ]] && return
	done
	return 1
}

# clat_follow_ra NAME: PREF64 (RFC 8781), as it comes.
clat_follow_ra() {
	local name=$1 live prefix
	while read -r _ live; do
		live=$(tr ' ' '\n' <<<"$live" | sed '/=0$/d; s/=.*//')
		prefix=$(clat_prefix "$name" 2>/dev/null)
		[ -z "$live" ] || grep -qxF "${prefix:-none}" <<<"$live" && continue
		clat_stop "$name"
		clat_start "$name" "$(head -n 1 <<<"$live")"
	done < <(exec ip netns exec "$name" "$scratch/pref64" uplink)
}

# --- router advertisements -----------------------------------------------------------------

# radvd_start: on the bridge, with the set that server 1 was given, and follows it. A path unit does
# that in a world with systemd.
radvd_start() {
	radvd_files
	radvd_update || return 1
	chroot "$image" radvd --nodaemon --logmethod logfile --logfile /tmp/radvd.log &
	disown
	radvd_follow &
	disown
}

radvd_files() {
	cp "$prefix_file" "$image/etc/bind/nat64-prefixes"
	mount --bind /var/lib/bind "$image/var/lib/bind"
	cat >"$image/etc/radvd.conf.nat64" <<-'END'
		interface lan {
			AdvSendAdvert on;
			nat64prefixes;
		};
	END
}

radvd_update() {
	chroot "$image" nat64health-radvd 2>>"$scratch/radvd-update"
} >/dev/null

radvd_follow() {
	local seen='' file
	while sleep 0.2; do
		file=$(stat -c %i.%Y "$dns64_conf")
		[ "$file" = "$seen" ] && continue
		seen=$file
		radvd_update
	done
}

# --- BIND 9.20 -----------------------------------------------------------------------------

# bind_20_start: that of the image in the place of this machine's, with the same files.
bind_20_start() {
	bind_stop
	ip netns exec dns64 "$image/lib64/ld-linux-x86-64.so.2" --library-path "$image/usr/lib/x86_64-linux-gnu" \
		"$image/usr/sbin/named" -g -n 1 -u bind 2>>"$scratch/named.log" &
	disown
	wait_until 10 bind_answers
}

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
	at_client "$1" sh -c 'for i in $(seq 20); do getent ahostsv6 www.lab.example | head -n 1; done' |
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
			*::/96) [[ $address == "${prefixes[n]%::/96}"::* ]] && echo "${prefixes[n]}" ;;
			*::/64) [[ $address == "${prefixes[n]%::/64}":[!:]* ]] && echo "${prefixes[n]}" ;;
			esac
		done
	done
}

# --- what is documented --------------------------------------------------------------------

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
	local options zone
	options=$(doc_block clat:options) || fail "$options"
	zone=$(doc_block clat:zone) || fail "$zone"
	echo "$zone" >>/etc/bind/named.conf.local
	doc_install clat /etc/bind/db.ipv4only.arpa
	sed "/^options {/r /dev/stdin" -i /etc/bind/named.conf.options <<<"$options"
	in_ns dns64 named-checkconf -z >"$scratch/checkconf" || fail "$(cat "$scratch/checkconf")"
}

# The machine as the document's router: its list, its radvd.conf, nat64health's files where make
# install puts them, and radvd's own unit.
machine_install() {
	local template
	template=$(doc_block router:/etc/radvd.conf.nat64) || fail "$template"
	echo "$template" >"$machine_root/etc/radvd.conf.nat64"
	prefixes_write 1 2 3 4 5 6
	install -m 644 "$prefix_file" "$machine_root/etc/bind/nat64-prefixes"
	install -D -m 644 -t "$machine_root/usr/local/share/doc/nat64health" "$root_dir"/docs/nat64health-radvd*
	rm "$machine_root/usr/local/sbin/nat64health-radvd"
	in_machine sh -c 'chown bind /var/lib/bind && systemctl disable radvd' 2>/dev/null
}

# machine_set N...: as the document has it for a router without BIND.
machine_set() {
	local n
	for n; do echo "${prefixes[n]}"; done | paste -sd ' ' |
		in_machine nat64-update --no-signal --no-verify --allow /etc/bind/nat64-prefixes ||
		fail "nat64-update ended with status $?"
}

# heard "N=LIFETIME...": the last advertisement has these gateways' prefixes.
heard() {
	local each wanted=()
	for each in $1; do wanted+=("${prefixes[${each%=*}]}=${each#*=}"); done
	[ "$(tail -n 1 "$scratch/heard" | cut -d ' ' -f 2-)" = "${wanted[*]}" ]
}

radvd_conf_refused() {
	! timeout 5 chroot "$image" nat64health-radvd >"$scratch/refused" 2>&1 || fail "it was taken"
	grep -qF "$1" "$scratch/refused" || fail "it was refused with: $(cat "$scratch/refused")"
	cmp "$scratch/before" "$image/etc/radvd.conf" || fail "/etc/radvd.conf was changed"
}
