# shellcheck shell=bash
# CLATs of the lab's clients (464XLAT, RFC 6877): Debian's clatd, which looks for a prefix once, and
# two ways to start it anew when its prefix has gone. Needs clients.sh and image.sh.

# clat_start NAME [PREFIX]: in that client; without PREFIX it finds one by ipv4only.arpa.
clat_start() {
	local name=$1
	cat >"$image/etc/clatd.$name" <<-END
		v4-conncheck-enable=no
		cmd-networkctl=none
		tayga-conffile=/tmp/clat.$name
		${2:+plat-prefix=$2}
	END
	rm -f "$image/tmp/clat.$name"
	at_client "$name" chroot "$image" clatd -c "/etc/clatd.$name" \
		>>"$scratch/clatd.$name" 2>&1 &
	disown
	wait_until 60 clat_works "$name"
}

clat_works() {
	ip -n "$1" -4 route show default 2>/dev/null | grep -q clat &&
		pgrep -f "^tayga .*/clat.$1 --nodetach"
} >/dev/null

# clat_stop NAME: clatd ends when its TAYGA does.
clat_stop() {
	wait_until 30 clat_gone "$1"
}

clat_gone() {
	pkill -TERM -f "^tayga .*/clat.$1 --nodetach"
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
