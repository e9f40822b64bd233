# shellcheck shell=bash
# One prober and a resolver elsewhere, with a real MQTT broker between them, as docs/operations.md
# has it. Server 1 probes, server 2 has the BIND; the broker is at the router.

# doc_run BLOCK DIRECTORY
doc_run() {
	local commands
	commands=$(doc_block "$1") || fail "$commands"
	(cd "$2" && bash -e -c "$commands") >"$scratch/output.$1" 2>&1 ||
		fail "exit status $? of $1: $(cat "$scratch/output.$1")"
}

broker_configure() {
	local dir
	for dir in /etc/mosquitto /var/lib/mosquitto /var/log/mosquitto; do
		cp -a "$dir" "$scratch/${dir//\//-}"
		mount --bind "$scratch/${dir//\//-}" "$dir"
	done
	install -d -o mosquitto /run/mosquitto
	echo "2001:db8:1::1 broker.example.net" | cat /etc/hosts - >"$scratch/hosts"
	mount --bind "$scratch/hosts" /etc/hosts
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

# unit_command SCENARIO UNIT: what the document's service unit runs.
unit_command() {
	local unit
	unit=$(doc_block "$1:/etc/systemd/system/$2.service") || fail "$unit"
	sed -n 's/^ExecStart=//p' <<<"$unit"
}

# client_as_bind COMMAND-LINE: in the environment of the units.
client_as_bind() {
	on_server su -s /bin/bash bind -c "export XDG_CONFIG_HOME=/etc/mosquitto; $1"
}

publisher_start() {
	local command
	command=$(unit_command prober nat64-publish) || fail "$command"
	client_as_bind "${command/nat64-monitor/nat64-monitor --heartbeat 2}" </dev/null >>"$pair_log" 2>&1 &
}

# A service manager in three lines.
subscriber_run() {
	local command
	command=$(unit_command resolver nat64-subscribe) || fail "$command"
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

resolver_follows_the_prober_over_a_broker() {
	local before
	broker_configure
	server_add 2
	prefixes_write 1 2 3 4
	cp "$prefix_file" "$scratch/allow"
	at 2 on_server cp "$scratch/allow" "$prefix_file"
	dns64_conf 3 4 | at 2 on_server tee "$dns64_conf" >/dev/null
	at 2 bind_start
	subscriber_run &
	prefixes_write 1 2 3
	publisher_start
	# Clients that find no broker end, and are started again.
	within 10 logged "env ended with status 1, again in"
	broker_start
	within 15 at 2 serving 1 2 3
	now resolver_has_file "^dns64 ${prefixes[4]} { clients { none; }; };"

	# Set in force stays while the broker is away; both clients connect again by themselves.
	before=$(clients)
	broker_stop
	drain 1
	throughout 3 at 2 serving 1 2 3
	broker_start
	within 10 at 2 serving 2 3
	[ "$(clients)" = "$before" ] || fail "clients were $before and are $(clients)"

	# mosquitto_pub killed is started again, and told the set.
	pkill -KILL -x mosquitto_pub
	drain 2
	within 10 at 2 serving 1 3

	# Prober gone: the set in force stays, and a new subscriber is told it.
	kill -TERM "$(supervisor_pid)"
	within 5 not pgrep -x nat64-monitor
	throughout 2 at 2 serving 1 3
	dns64_conf 2 4 | at 2 on_server tee "$dns64_conf" >/dev/null
	kill -HUP "$(at 2 bind_pid)"
	within 3 at 2 serving 2 4
	before=$(clients)
	pkill -KILL -x nat64-update
	within 10 at 2 serving 1 3
	[ "$(clients)" != "$before" ] || fail "the subscriber was not started again"
}

forged_sets_do_not_reach_bind() {
	local set="${prefixes[3]} ${prefixes[4]}"
	broker_configure
	broker_start
	server_add 2
	prefixes_write 1 2 3 4
	cp "$prefix_file" "$scratch/allow"
	at 2 on_server cp "$scratch/allow" "$prefix_file"
	dns64_conf 1 2 | at 2 on_server tee "$dns64_conf" >/dev/null
	at 2 bind_start
	subscriber_run &
	now publish "${prefixes[1]} ${prefixes[2]}"
	within 10 logged "in force: "

	# Without a password, with a wrong one, or as a resolver.
	cp /etc/mosquitto/mosquitto_pub "$scratch/options"
	sed -i '/^-[uP]/d' /etc/mosquitto/mosquitto_pub
	publish "$set" && fail "published without a password"
	now grep -qi 'not authori[sz]ed' "$scratch/published"
	publish "$set" -u prober -P wrong && fail "published with a wrong password"
	now grep -qi 'not authori[sz]ed' "$scratch/published"
	publish "$set" -u resolver -P change-me-2
	now grep -qi 'not authori[sz]ed' "$scratch/published"
	# A broker by another name, or none with TLS.
	publish "$set" -u prober -P change-me-1 -h 2001:db8:1::1 && fail "published to another name"
	now grep -qi 'tls\|certificate' "$scratch/published"
	now at 2 serving 1 2

	# The prober's password gets no prefix into BIND that the resolver does not list.
	cp "$scratch/options" /etc/mosquitto/mosquitto_pub
	now publish "2001:db8:bad::/96 ${prefixes[4]}"
	within 5 logged "refused: 2001:db8:bad::/96 is not in $prefix_file"
	now at 2 serving 1 2
	# What it does get in: any set of listed ones.
	now publish "$set"
	within 5 at 2 serving 3 4
}
