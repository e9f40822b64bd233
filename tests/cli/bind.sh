# shellcheck shell=bash
# A world with a real BIND in it, as user bind and cut off from everything, for the updater's tests;
# and the checks of what BIND serves and of what the file holds.
# shellcheck source=cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"

a=2001:db8:64:1::/96
b=2001:db8:64:2::/96
c=2001:db8:64:3::/96
conf=/var/lib/bind/dns64.conf
pid_file=/run/named/named.pid

# --- BIND ----------------------------------------------------------------------------------

world_up() {
	world_enter
	updater=$world/bin/nat64-update
	tmpfs_over /var/lib/bind 775 || exit 1
	chgrp bind /var/lib/bind
	install -d -m 775 -g bind /run/named cache
	install -o bind -g bind /dev/null "$conf"
	named_configure
	named_start
}

named_configure() {
	cat >named.conf <<-END
		options { directory "$world/cache"; listen-on { none; }; listen-on-v6 { any; };
			recursion yes; allow-recursion { any; }; dnssec-validation no; empty-zones-enable no;
			pid-file "$pid_file"; include "$conf"; };
		controls { };
		zone "." { type primary; file "$world/root.db"; };
	END
	cat >root.db <<-'END'
		@ 60 SOA . . 1 1 1 1 1
		@ 60 NS a.
		a. 60 A 192.0.2.1
		1.2.0.192.in-addr.arpa. 60 PTR a.
	END
}

# targets_behind PREFIX...: the monitor's default targets, and some to name, behind prefixes by number are
# addresses of this world, at which BIND answers.
targets_behind() {
	local prefix target
	for prefix; do
		for target in 198.41.0.4 170.247.170.2 192.33.4.12 199.7.91.13 192.203.230.10 192.5.5.241 192.112.36.4 \
			198.97.190.53 192.36.148.17 192.58.128.30 193.0.14.129 199.7.83.42 202.12.27.33 \
			1.1.1.1 8.8.8.8 9.9.9.9 198.51.100.{1..4}; do
			echo "addr add 2001:db8:64:$prefix::$target/128 dev lo nodad"
		done
	done | ip -batch -
}

named_start() {
	named -g -n 1 -u bind -c "$world/named.conf" >>named.log 2>&1 9>&- &
	named=$!
	wait_until 10 named_answers || wrong "named does not run"
}

named_stop() {
	kill -TERM "$named" && wait "$named"
}

named_answers() {
	# shellcheck disable=SC2086
	dig +short +tries=1 +time=1 ${named_answers_at:-@::1} a. A | grep -q 192.0.2.1
}

# The /96 prefixes that BIND synthesizes under, sorted. One that had no dns64 block a moment ago may still remember
# for a second that a recursive question failed.
served() {
	local how now
	for how in +recurse +norecurse; do
		now=$(dig +short +tries=3 +time=3 "$how" @::1 ipv4only.arpa AAAA |
			sed -n 's|c000:aa$|/96|p' | sort | xargs)
		[ -z "$now" ] || break
	done
	echo "$now"
}

serves() {
	local now
	now=$(served)
	[ "$now" = "$*" ] || wrong "BIND serves $now, not $*"
}

serves_now() {
	[ "$(served)" = "$*" ]
}

# The file must hold these prefixes, whole, and nothing may be left beside it.
file_holds() {
	[ "$(sed -n 's/^dns64 \(.*\) { };$/\1/p' "$conf" | xargs)" = "$*" ] || wrong "the file is not as it was"
	named-checkconf named.conf || wrong "named-checkconf refuses the file"
	[ ! -e /var/lib/bind/.dns64.conf.tmp ] || wrong "a temporary file is left"
}

# feed STATUS INPUT [ARGUMENT...]: the updater reads INPUT, in which \n and the like are expanded.
feed() {
	local expected=$1 input=$2 status
	shift 2
	printf '%b' "$input" | timeout 150 "$updater" "$@" >out 2>err
	status=${PIPESTATUS[1]}
	[ "$status" -eq "$expected" ] || wrong "status $status, not $expected: nat64-update $*"
}

# feed_begin [ARGUMENT...]: an updater that reads what feed_line gives it, until feed_end. Its FIFO is open for
# reading here, too, so that nothing waits for an updater that has ended.
feed_begin() {
	rm -f feed
	mkfifo feed
	exec 9<>feed
	start bash -c 'exec "$@" <feed 9>&-' - "$updater" "$@"
}

feed_line() {
	echo "$1" >&9
}

# feed_set SET: it comes in force.
feed_set() {
	feed_line "$1"
	wait_until 5 grep -qF "in force: $1" err || wrong "not in force: $1"
}

# feed_end STATUS
feed_end() {
	exec 9>&-
	ends "$1"
}

# shows SAMPLE: a line of the metrics file; shows_soon waits for it.
shows() {
	grep -qxF -- "nat64_update_$1" numbers/updater.prom ||
		wrong "no $1: $(grep -v '^#' numbers/updater.prom)"
}

shows_soon() {
	wait_until 5 grep -qxF -- "nat64_update_$1" numbers/updater.prom
	shows "$1"
}

reset() {
	feed 0 "$a $b\n"
	serves "$a $b"
}

# The set of before is in the file and in BIND.
nothing_lost() {
	file_holds "$a $b"
	serves "$a $b"
}
