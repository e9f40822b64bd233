# shellcheck shell=bash
# What the tests of nat64-monitor share: a world without gateways, where a name server listens on the
# very addresses that stand for the targets behind four prefixes. Set $suite before.
# shellcheck source=cli.sh
. "$(dirname "$0")/cli.sh"

world_up() {
	world_enter
	monitor=$world/bin/nat64-monitor
	for prefix in 1 2 3 4; do
		ip -6 addr add "2001:db8:64:$prefix::c633:6401/128" dev lo nodad
		ip -6 addr add "2001:db8:64:$prefix::c633:6402/128" dev lo nodad
	done
	printf '2001:db8:64:%s::\n' 1 2 3 >prefixes
	targets=(-t 198.51.100.1 -t 198.51.100.2)
	cat >named.conf <<-END
		options { directory "$world"; recursion no; listen-on { none; };
			listen-on-v6 { any; }; listen-on-v6 port 5353 { any; };
			pid-file none; dnssec-validation no; };
		controls { };
		zone "." { type primary; file "root.db"; };
	END
	# shellcheck disable=SC2016
	echo '@ 60 SOA . . 1 1 1 1 1
@ 60 NS a.
a. 60 A 198.51.100.1' >root.db
	named -g -n 1 -c named.conf >named.log 2>&1 &
	named=$!
	wait_until 5 grep -sq ' running$' named.log || echo "# named does not run" >&2
}

a_set() {
	[ "$(grep -cE '^2001:db8:64:[123]::/96( 2001:db8:64:[123]::/96){1,2}$' out)" -ge 1 ]
}

# begin ARGUMENT...: a monitor in the background, once it has a set.
begin() {
	start "$monitor" "${targets[@]}" "$@"
	wait_until 20 a_set || wrong "no set"
}

# It ends as it is asked to.
finish() {
	kill -TERM "$started"
	ends 0
}

# What was printed before is no set.
set_anew() {
	: >out
	wait_until 20 a_set || wrong "no set any more"
}

blames_none() {
	! grep -q ' is down' err || wrong "it was held against a prefix"
}

# told WORDS: within some seconds, on standard error.
# shellcheck disable=SC2317
told() {
	wait_until 20 grep -qF -- "$1" err || wrong "expected on standard error: $1"
}

# The prober of the monitor that was started.
prober() {
	pgrep -x -P "$started" nat64-monitor
}

# The same set three times.
set_repeated() {
	[ "$(sort out | uniq -c | awk '{ print $1 }' | head -n 1)" -ge 3 ]
}
