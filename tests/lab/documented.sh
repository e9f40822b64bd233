# shellcheck shell=bash
# What the tests of docs/operations.md share: its examples at work, what they cost, and its broker.

# doc_configured SCENARIO FILE...: the document's files and its first dns64.conf, loaded by BIND.
doc_configured() {
	local scenario=$1
	[ "$server" -ne 1 ] || bind_stop
	doc_install "$@"
	doc_block "$scenario:first"
	on_server rm -f "$dns64_conf"
	on_server bash -e -c "$block" || fail "exit status $?: $block"
	doc_block "$scenario:$dns64_conf"
	on_server diff - "$dns64_conf" <<<"$block" ||
		fail "the first file is not as printed"
	bind_start
	now bind_answers
}

# doc_started SCENARIO: the document's command line, as root.
doc_started() {
	doc_block "$1:command"
	on_server bash -c "$block" </dev/null >>"$pair_log" 2>&1 &
}

# only_of_providers b c: of each of these, and of no other, something is served.
only_of_providers() {
	local served providers
	served=$(served_set)
	providers=$(tr ' ' '\n' <<<"$served" | sed 's/.*64:[12]::.*/a/; s/.*64:[34]::.*/b/; s/.*64:[56]::.*/c/' |
		sort -u | paste -sd ' ')
	[ "$providers" = "$*" ]
}

# said_as_printed BLOCK: each line of the document is in the log, whatever the times are, and the order of a
# set's members, which latency decides.
said_as_printed() {
	local line
	sed 's/after [0-9]* ms/after 26 ms/' "$pair_log" | words_sorted >"$scratch/said"
	doc_block "$1"
	while read -r line; do
		grep -qxF -e "$line" "$scratch/said" || fail "the log is $(cat "$pair_log") and not, in its words' order: $line"
	done < <(words_sorted <<<"$block")
}

words_sorted() {
	local line
	while read -r line; do
		tr ' ' '\n' <<<"$line" | tr -d '();' | sort | paste -sd ' '
	done
}

# A customer of the ISP: the router.
customer_is_told() {
	local answer
	answer=$(dig "@2001:db8:$1::53" +short +time=1 +tries=1 www.lab.example AAAA | sort)
	[ "$answer" = "$(sort <<<"$2")" ] || fail "server $1 told a customer: $answer"
}

# ttl_is CLIENT NAME TTL: of an address that no cache has yet. Seconds may pass between BIND's questions.
ttl_is() {
	local ttl least=$(($3 - 2))
	ttl=$(in_ns dns64 dig @127.0.0.1 -b "$1" +noall +answer "$2" AAAA | awk '{ print $4 == "AAAA" ? $2 : "" }')
	[[ $ttl =~ ^[0-9]+$ && $ttl -le $3 && $ttl -ge $least ]] ||
		fail "$2 for $1: $ttl; the table says $3"
}

# What the targets' network sees of probes, by address and protocol.
probes_count() {
	in_ns ipv4 nft -f - <<-'END'
		table inet lab {
			set asked { type ipv4_addr . inet_proto; flags dynamic; }
			set begun { type inet_proto; flags dynamic; }
			set answered { type inet_proto; flags dynamic; }
			chain output { type filter hook output priority 0; }
			chain input {
				add @asked { ip daddr . meta l4proto counter };
				tcp flags & (syn | ack) == syn add @begun { meta l4proto counter };
			}
			chain output { add @answered { meta l4proto counter }; }
		}
	END
}

# packets_counted SET PROTOCOL
packets_counted() {
	in_ns ipv4 nft list set inet lab "$1" | tr ',' '\n' |
		awk -v protocol="$2" '$0 ~ protocol { for (i = 1; i < NF; i++) if ($i == "packets") sum += $(i + 1) }
			END { print sum + 0 }'
}

# near NUMBER NUMBER [MOST]: at most 8, or that many, apart: some are under way while they are counted.
near() {
	local apart=$(($1 - $2))
	[ "${apart#-}" -le "${3:-8}" ]
}

# reverse_lookup_works N: of a connection through that gateway.
reverse_lookup_works() {
	[ "$(in_ns dns64 dig @::1 +short -x "${synthesized_target[$1]}" PTR | tail -n 1)" = www.lab.example. ]
}

# --- the broker ----------------------------------------------------------------------------

# doc_run BLOCK DIRECTORY
doc_run() {
	doc_block "$1"
	(cd "$2" && bash -e -c "$block") >"$scratch/output.$1" 2>&1 ||
		fail "exit status $? of $1: $(cat "$scratch/output.$1")"
}

broker_configure() {
	local dir
	for dir in /etc/mosquitto /var/lib/mosquitto /var/log/mosquitto; do
		cp -a "$dir" "$scratch/${dir//\//-}"
		tmpfs_over "$dir" 755 || fail "no $dir of its own"
		cp -aT "$scratch/${dir//\//-}" "$dir"
	done
	install -d -o mosquitto /run/mosquitto
	echo "2001:db8:1::1 broker.example.net" | cat /etc/hosts - >"$scratch/hosts"
	mount --bind "$scratch/hosts" /etc/hosts || fail "no /etc/hosts of its own"
	install -d -m 700 "$scratch/ca"
	doc_run broker:certificates "$scratch/ca"
	cp -t /etc/mosquitto/certs "$scratch"/ca/broker.{crt,key}
	# The clients have the same /etc here.
	cp "$scratch/ca/ca.crt" /etc/mosquitto
	chmod 755 /etc/mosquitto
	doc_install broker /etc/mosquitto/{conf.d/nat64.conf,acl}
	doc_run broker:passwords /
	doc_install prober /etc/mosquitto/mosquitto_pub
	sed 's/prober/resolver/; s/me-1/me-2/' /etc/mosquitto/mosquitto_pub >/etc/mosquitto/mosquitto_sub
}

broker_start() {
	mosquitto -c /etc/mosquitto/mosquitto.conf &
	broker=$!
	wait_until 5 broker_listens || fail "$(tail -n 3 /var/log/mosquitto/mosquitto.log)"
}

broker_listens() {
	(exec 3<>/dev/tcp/2001:db8:1::1/8883) 2>/dev/null
}

broker_stop() {
	kill "$broker"
	wait "$broker"
}

# unit_command SCENARIO UNIT: leaves in $command what the document's service unit runs.
unit_command() {
	doc_block "$1:/etc/systemd/system/$2.service"
	command=$(sed -n 's/^ExecStart=//p' <<<"$block")
}

# client_as_bind COMMAND-LINE: in the environment of the units.
client_as_bind() {
	on_server su -s /bin/bash bind -c "export XDG_CONFIG_HOME=/etc/mosquitto; $1"
}

publisher_start() {
	unit_command prober nat64-publish
	client_as_bind "${command/nat64-monitor/nat64-monitor --heartbeat 2}" </dev/null >>"$pair_log" 2>&1 &
}

# A service manager in three lines.
subscriber_run() {
	unit_command resolver nat64-subscribe
	while :; do
		at 2 client_as_bind "exec $command" </dev/null
		sleep 1
	done >>"$pair_log" 2>&1
}

# drain N: of the prober's three prefixes.
drain() {
	printf '%s\n' "${prefixes[@]:1:3}" | sed "s|^${prefixes[$1]}\$|& drain|" >"$prefix_file"
	kill -HUP "$(supervisor_pid)"
}

clients() {
	pgrep -x 'mosquitto_(pub|sub)'
}

# publish SET [OPTION...]: by hand, with the prober's options in a file, unless told otherwise.
publish() {
	client_as_bind "timeout 5 mosquitto_pub ${*:2} -d -V 5 -r -q 1 -t nat64/set -m '$1'" \
		>"$scratch/published" 2>&1
}

resolver_has_file() {
	at 2 on_server grep -q "$1" "$dns64_conf"
}
