# shellcheck shell=bash
# One prober and a resolver elsewhere, with a real MQTT broker between them, as docs/operations.md
# has it. Server 1 probes, server 2 has the BIND; the broker is at the router.

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
	within 10 logged "mosquitto_pub ended with status 1, again in"
	broker_start
	within 15 at 2 serving 1 2 3
	now resolver_has_file "^dns64 ${prefixes[4]} { clients { none; }; };"

	# Set in force stays while the broker is away; both clients connect again by themselves.
	before=$(clients)
	broker_stop
	gateway_kill 1
	within 30 logged "${prefixes[1]} is down"
	throughout 3 at 2 serving 1 2 3
	broker_start
	within 30 at 2 serving 2 3
	[ "$(clients)" = "$before" ] || fail "clients were $before and are $(clients)"

	# HUP has mosquitto_pub started anew, and told the set.
	before=$(pgrep -x mosquitto_pub)
	drain 2
	within 30 started_anew mosquitto_pub "$before"
	gateway_start 1
	within 60 at 2 serving 1 3
	drain 1
	within 30 at 2 serving 2 3

	# mosquitto_pub killed is started again, and told the set.
	pkill -KILL -x mosquitto_pub
	drain 2
	within 10 at 2 serving 1 3

	# Prober gone: the set in force stays, and a new subscriber is told it.
	kill -TERM "$(supervisor_pid)"
	within 5 not pgrep -x nat64-monitor
	now at 2 serving 1 3
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
