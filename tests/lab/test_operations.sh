# shellcheck shell=bash
# What docs/operations.md says: its configurations, commands and numbers, as they are printed.

isp_survives_the_death_of_a_provider() {
	local server n
	gateway_add 6
	# Which gateway of a provider is in a set is then no matter of chance.
	for n in 2 4 6; do gateway_slow "$n" 30; done
	server_add 2
	server_add 3
	for server in 1 2 3; do
		doc_configured isp /etc/bind/{nat64-prefixes,named.conf.options,dns64-options}
		doc_started isp
	done
	# At the start, a busy machine may make one of the others the faster one, for a minute.
	for server in 1 2 3; do within 120 at "$server" serving 1 3 5; done
	# Past the start; the servers probe at moments of their own.
	probed 10
	for server in 1 2 3; do
		customer_is_told "$server" 2001:db8:64:1::c633:6401$'\n'2001:db8:64:3::c633:6401$'\n'2001:db8:64:5:c6:3364:100:0
		answers_record "$scratch/record$server"
	done
	gateway_kill 1
	gateway_kill 2
	for server in 1 2 3; do within 20 at "$server" only_of_providers b c; done
	probed 10
	for server in 1 2 3; do
		now at "$server" only_of_providers b c
		# At no moment was there a set without two prefixes that worked.
		awk '/:/ { living = 0; for (i = 2; i <= NF; i++) living += $i ~ /64:[3-6]::/; if (living < 2) exit 1 }' \
			"$scratch/record$server" || fail "server $server: $(cat "$scratch/record$server")"
	done
	gateway_kill 3
	for server in 1 2 3; do
		within 20 at "$server" not serves 3
		now at "$server" only_of_providers b c
	done
	gateway_kill 4
	for server in 1 2 3; do within 20 serving 5 6; done
}

home_falls_back_to_the_isps_gateway_and_to_a_public_one() {
	doc_configured home /etc/bind/{nat64-prefixes,named.conf.options}
	now serving 1 2
	doc_started home
	within 10 pair_runs
	probed 6
	now serving 1 2
	gateway_kill 1
	within 10 serving 2 3
	gateway_start 1
	within 40 serving 1 2
	gateway_kill 2
	within 10 serving 1 3
	gateway_kill 1
	within 10 logged "1 of 3 prefixes healthy, fewer than 2: filled up with those that failed last"
	throughout 3 serving 1 3
}

# Four clients of one BIND, to which it hands out 1 to 4 prefixes. Names as long as www.lab.example.
answers_are_as_large_as_the_table_says() {
	local records i client
	{
		echo 'options { directory "/var/cache/bind"; listen-on { 127.0.0.0/8; }; listen-on-v6 { any; };'
		for i in 1 2 3 4; do
			echo "dns64 ${prefixes[i]} { clients { $(printf '127.0.0.%s; ' $(seq "$i" 4)) }; };"
		done
		echo '};'
	} >/etc/bind/named.conf.options
	for records in {01..13}; do
		for ((i = 1; i <= 10#$records; i++)); do echo "w$records A 198.51.100.$i"; done
		echo "w$records.lab.example AAAA" >>"$scratch/questions"
	done >>/etc/bind/db.lab
	bind_restart
	for client in 1 2 3 4; do
		in_ns dns64 dig @127.0.0.1 -b "127.0.0.$client" +noedns +ignore +time=2 -f "$scratch/questions" |
			awk '/flags:.* tc[ ;]/ { cut = 1 } /MSG SIZE/ { print cut ? "TC" : $NF; cut = 0 }' |
			paste -sd '|' | sed "s/^/$client prefix$([ "$client" -eq 1 ] || echo es)|/; s/|/ | /g"
	done >"$scratch/sizes"
	doc_table sizes
	diff - "$scratch/sizes" <<<"$table" || fail "the table says otherwise (<)"
}

# One BIND, a view with a cache of its own for each column; a second one for foreign zones.
ttls_are_as_the_table_says() {
	local rows zone a negative ttls i name
	doc_table ttls
	rows=${table// | / }
	ip -n dns64 addr add 127.0.0.9/32 dev lo
	cat >/etc/bind/foreign.conf <<-'END'
		options {
			directory "/var/cache/bind"; listen-on { 127.0.0.9; }; listen-on-v6 { none; };
			recursion no; dnssec-validation no; pid-file none; session-keyfile none;
		};
		controls { };
	END
	while read -r zone a negative _; do
		name=$zone-$a-$negative.example
		cat >"/etc/bind/db.$name" <<-END
			\$TTL $negative
			@ SOA ns hostmaster 1 3600 600 86400 $negative
			@ NS ns
			ns A 127.0.0.9
			www $a A 198.51.100.1
		END
		if [ "$zone" = own ]; then
			echo "zone \"$name\" { type primary; file \"/etc/bind/db.$name\"; };"
		else
			echo "zone \"$name\" { type static-stub; server-addresses { 127.0.0.9; }; };"
			echo "zone \"$name\" { type primary; file \"/etc/bind/db.$name\"; };" \
				>>/etc/bind/foreign.conf
		fi
	done <<<"$rows" >>/etc/bind/named.conf.local
	cat >/etc/bind/named.conf <<-END
		options {
			directory "/var/cache/bind"; listen-on { 127.0.0.1; }; listen-on-v6 { any; };
			dnssec-validation no; dns64 ${prefixes[1]} { };
		};
		view plain { match-clients { 127.0.0.1; ::1; }; include "/etc/bind/named.conf.local"; };
		view cache {
			match-clients { 127.0.0.2; }; max-cache-ttl 60;
			include "/etc/bind/named.conf.local";
		};
		view ncache {
			match-clients { 127.0.0.3; }; max-ncache-ttl 60;
			include "/etc/bind/named.conf.local";
		};
	END
	ip netns exec dns64 named -g -n 1 -u bind -c /etc/bind/foreign.conf 2>>"$scratch/named.log" &
	disown
	wait_until 5 in_ns dns64 dig @127.0.0.9 +time=1 +tries=1 . SOA >/dev/null
	bind_restart
	while read -r zone a negative ttls; do
		i=0
		for ttl in $ttls; do
			ttl_is "127.0.0.$((++i))" "www.$zone-$a-$negative.example" "$ttl"
		done
		[ "$i" -eq 3 ] || fail "$i columns: $zone $a $negative $ttls"
	done <<<"$rows"
}

probes_cost_what_the_table_says() {
	local begun seconds probes prefixes_listed rate daily each
	prefixes_write 1 2
	probes_count
	begun=$EPOCHREALTIME
	background_as_bind "$monitor -i 0.2 $prefix_file >/dev/null"
	probed 130
	# Nothing is sent any more while packets are counted.
	pkill -STOP -x nat64-monitor
	seconds=$(awk -v begun="$begun" -v end="$EPOCHREALTIME" 'BEGIN { print end - begun }')
	probes=$(packets_counted asked udp)
	# 2 prefixes, 5 times a second. A busy machine may be late, and have sent fewer.
	awk -v probes="$probes" -v s="$seconds" 'BEGIN { exit !(probes <= 10 * s + 8) }' ||
		fail "$probes dns probes in $seconds s"
	near "$(packets_counted answered udp)" "$probes" ||
		fail "$(packets_counted answered udp) packets answer $probes dns probes"
	for each in "${root_servers[@]}" "${resolvers[@]}"; do
		near "$(packets_counted asked "$each . udp")" $((probes / 16)) 3 ||
			fail "$each: $(packets_counted asked "$each . udp") of $probes dns probes"
	done
	probes=$(packets_counted begun tcp)
	near "$(packets_counted asked tcp)" $((3 * probes)) 24 ||
		fail "$(packets_counted asked tcp) packets of $probes tcp probes"
	near "$(packets_counted answered tcp)" "$probes" 24 ||
		fail "$(packets_counted answered tcp) packets answer $probes tcp probes"
	doc_table packets
	while read -r prefixes_listed _ rate _ daily _ each; do
		# every 2 s; 2 packets by dns, 4 by tcp; 16 targets
		[ "$rate $daily $each" = "$prefixes_listed $((prefixes_listed * 43200 * 6)) $((prefixes_listed * 43200 * 6 / 16))" ] ||
			fail "the table says for $prefixes_listed prefixes: $rate, $daily, $each"
	done <<<"$table"
}

# The words in the table of log lines are in the source, so that they can be searched for.
log_lines_of_the_table_exist() {
	local rows words
	rows=$(awk '/^<!-- log -->/ { inside = 1 } inside && /^\| `/ { split($0, cell, / \| /); print cell[1] }' \
		"$root_dir/docs/operations.md" | tr '`' '\n' | grep -v '^[| ]*$\|^ *(v) *$')
	[ "$(wc -l <<<"$rows")" -ge 30 ] || fail "few rows: $rows"
	cat "$root_dir"/{common,monitor,monitor/*,updater}/*.c | tr -s '\n\t ' ' ' | sed 's/" "//g' >"$scratch/source"
	while read -r words; do
		grep -qF -e "$words" "$scratch/source" || fail "no message has: $words"
	done <<<"$rows"
}
