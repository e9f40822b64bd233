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
