# shellcheck shell=bash
# What docs/operations.md says: its configurations, commands and numbers, as they are printed.

# doc_configured SCENARIO FILE...: the document's files and its first dns64.conf, loaded by BIND.
doc_configured() {
	local scenario=$1 first
	[ "$server" -ne 1 ] || bind_stop
	doc_install "$@"
	first=$(doc_block "$scenario:first") || fail "$first"
	on_server rm -f "$dns64_conf"
	on_server bash -e -c "$first" || fail "exit status $?: $first"
	doc_block "$scenario:$dns64_conf" | on_server diff - "$dns64_conf" ||
		fail "the first file is not as printed"
	bind_start
	now bind_answers
}

# doc_started SCENARIO: the document's command line, as root.
doc_started() {
	local command
	command=$(doc_block "$1:command") || fail "$command"
	on_server bash -c "$command" </dev/null >>"$pair_log" 2>&1 &
}

# seconds_until_gone PREFIX-NUMBER SINCE RECORD: seconds from then to the first answer from which on the prefix
# was not seen again.
seconds_until_gone() {
	awk -v since="$2" -v prefix=" ${prefixes[$1]} " '
		index($0 " ", prefix) { gone = 0; next }
		!gone { gone = $1 }
		END { print gone ? gone - since : "never" }' "$3"
}

# A customer of the ISP: the router.
customer_is_told() {
	local answer
	answer=$(dig "@2001:db8:$1::53" +short +time=1 +tries=1 www.lab.example AAAA | sort)
	[ "$answer" = "$(sort <<<"$2")" ] || fail "server $1 told a customer: $answer"
}

isp_survives_the_death_of_a_provider() {
	local server killed gone n
	gateway_add 6
	server_add 2
	server_add 3
	for server in 1 2 3; do
		doc_configured isp /etc/bind/{nat64-prefixes,named.conf.options,dns64-options}
		doc_started isp
	done
	for server in 1 2 3; do within 10 serving 1 3 5; done
	# Past the start; the servers probe at moments of their own.
	sleep 3
	for server in 1 2 3; do
		customer_is_told "$server" 2001:db8:64:1::c633:6401$'\n'2001:db8:64:3::c633:6401$'\n'2001:db8:64:5:c6:3364:100:0
		answers_record "$scratch/record$server"
	done
	killed=$EPOCHREALTIME
	gateway_kill 1
	gateway_kill 2
	for server in 1 2 3; do within 10 serving 3 5; done
	sleep 2
	for server in 1 2 3; do
		for n in 1 2; do
			gone=$(seconds_until_gone "$n" "$killed" "$scratch/record$server")
			awk -v gone="$gone" 'BEGIN { exit !(gone != "never" && gone < 8) }' ||
				fail "server $server served prefix $n until $gone s: $(cat "$scratch/record$server")"
		done
	done
	gateway_kill 3
	for server in 1 2 3; do within 10 serving 4 5 6; done
}

home_falls_back_to_the_isps_gateway_and_to_a_public_one() {
	doc_configured home /etc/bind/{nat64-prefixes,named.conf.options}
	now serving 1 2
	doc_started home
	within 10 pair_runs
	sleep 6
	now serving 1 2
	gateway_kill 1
	within 10 serving 2 3
	gateway_start 1
	within 40 serving 1 2
	gateway_kill 2
	within 10 serving 1 3
	gateway_kill 1
	throughout 6 serving 1 3
	now logged "1 of 3 prefixes healthy, fewer than 2: filled up with those that failed last"
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
			awk '/flags:.* tc[ ;]/ { cut = 1 } /MSG SIZE/ { print cut ? "TC" : $NF; cut = 0 }' \
				>"$scratch/sizes$client"
	done
	seq 13 | paste -d '|' - "$scratch"/sizes{1,2,3,4} | sed 's/|/ | /g' >"$scratch/sizes"
	doc_table sizes | diff - "$scratch/sizes" || fail "the table says otherwise (<)"
}

# ttl_asked CLIENT NAME: the TTL of a synthesized address, in an answer that no cache had.
ttl_asked() {
	in_ns dns64 dig @127.0.0.1 -b "127.0.0.$1" +noall +answer "$2" AAAA | awk '$4 == "AAAA" { print $2; exit }'
}

ttls_are_as_the_table_says() {
	local zones i a negative ttl
	zones=$(doc_table ttls) || fail "$zones"
	# A name server of other people, and a view, with a cache of its own, for each option.
	cat >/etc/bind/others.conf <<-'END'
		options {
			directory "/var/cache/bind"; listen-on { 127.0.0.9; }; listen-on-v6 { none; };
			recursion no; dnssec-validation no; pid-file none; session-keyfile none;
		};
		controls { };
	END
	{
		echo "options { directory \"/var/cache/bind\"; listen-on { 127.0.0.1; }; listen-on-v6 { any; };"
		echo "dnssec-validation no; dns64 ${prefixes[1]} { clients { any; }; }; };"
	} >/etc/bind/named.conf.options
	while read -r a _ negative _; do
		printf '@ %s SOA ns hostmaster 1 3600 600 86400 %s\n@ NS ns\nns A 127.0.0.9\nwww %s A 198.51.100.1\n' \
			"$negative" "$negative" "$a" | sed '1i $TTL 86400' >"/etc/bind/db.$a-$negative"
		echo "zone \"$a-$negative.example\" { type primary; file \"/etc/bind/db.$a-$negative\"; };" \
			>>/etc/bind/others.conf
		echo "zone \"$a-$negative.example\" { type static-stub; server-addresses { 127.0.0.9; }; };"
	done <<<"$zones" >"$scratch/stubs"
	cat /etc/bind/named.conf.local >>"$scratch/stubs"
	{
		echo 'include "/etc/bind/named.conf.options";'
		for i in "1 " "2 max-cache-ttl 60;" "3 max-ncache-ttl 60;"; do
			printf 'view v%s { match-clients { 127.0.0.%s; %s }; recursion yes; %s\n%s\n};\n' "${i%% *}" \
				"${i%% *}" "$([ "${i%% *}" -eq 1 ] && echo "::1;")" "${i#* }" "$(cat "$scratch/stubs")"
		done
	} >/etc/bind/named.conf
	ip -n dns64 addr add 127.0.0.9/32 dev lo
	ip netns exec dns64 named -g -n 1 -u bind -c /etc/bind/others.conf 2>>"$scratch/named.log" &
	disown
	bind_restart
	while read -r a _ negative _ plain _ cache _ ncache; do
		i=1
		for ttl in "$plain" "$cache" "$ncache"; do
			ttl_is "$i" "www.$a-$negative.example" "$ttl"
			i=$((i + 1))
		done
	done <<<"$zones"
}

# A second may pass between BIND's two questions.
ttl_is() {
	local answered
	answered=$(ttl_asked "$1" "$2")
	[[ "$answered" =~ ^[0-9]+$ ]] && [ "$answered" -le "$3" ] && [ "$answered" -ge $(($3 - 2)) ] ||
		fail "$2 in view $1: $answered, the table says $3"
}
