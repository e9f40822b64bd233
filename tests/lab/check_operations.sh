# shellcheck shell=bash
# What docs/operations.md says, as it is printed: what takes longer to show than in test_operations.sh.

drain_takes_a_gateway_out_and_back() {
	local n
	gateway_add 6
	for n in 2 4 6; do gateway_slow "$n" 30; done
	cat >>/etc/bind/named.conf.local <<-'END'
		zone "100.51.198.in-addr.arpa" { type primary; file "/etc/bind/db.reverse"; };
	END
	cat >/etc/bind/db.reverse <<-'END'
		$TTL 60
		@ SOA ns.lab.example. hostmaster.lab.example. 1 3600 600 86400 60
		@ NS ns.lab.example.
		1 PTR www.lab.example.
	END
	doc_configured isp /etc/bind/{nat64-prefixes,named.conf.options,dns64-options}
	doc_started isp
	within 120 serving 1 3 5
	within 5 logged "in force: .*64:1::"
	: >"$pair_log"
	now reverse_lookup_works 1
	doc_block drain:begin
	on_server bash -e -c "$block" >"$scratch/check" || fail "exit status $?: $block"
	now grep -q '^prefix 2001:db8:64:1::/96 tier=0.* drain$' "$scratch/check"
	within 10 serving 2 3 5
	within 5 logged "in force"
	said_as_printed drain:log
	doc_block drain:bind
	now grep -qxF "$block" "$dns64_conf"
	now reverse_lookup_works 1
	# Out of the set, it is still watched.
	gateway_kill 1
	within 20 logged "64:1::/96 is down"
	gateway_start 1
	within 60 logged "64:1::/96 is up"
	now serving 2 3 5
	doc_block drain:end
	on_server bash -e -c "$block" || fail "exit status $?: $block"
	# Faster than A's other gateway, after a minute.
	within 120 serving 1 3 5
	# Without a list, nothing is kept for reverse lookups.
	pair_stop
	echo "${prefixes[3]} ${prefixes[5]}" | in_ns dns64 "$updater" || fail "exit status $?"
	now not reverse_lookup_works 1
}
