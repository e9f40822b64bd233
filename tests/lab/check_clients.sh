# shellcheck shell=bash
# What clients notice of a gateway's death, and how those with CLAT learn another prefix: with real
# clients, and by the configurations in docs/operations.md. Needs what tests/lab/image makes.

for file in clients image clat machine radvd; do
	# shellcheck source=/dev/null
	. "$lab_dir/$file.sh"
done

clients_connect_again_after_their_gateway_died() {
	clients_up
	image_up || skip "no image of Debian 13 (tests/lab/image)"
	prefixes_tiered
	client_add direct 2001:db8:64::c1 2001:db8:1::53
	client_add stub 2001:db8:64::c2 2001:db8:1::53
	sed -i 's/60/10/g' /etc/bind/db.lab
	bind_restart
	stub_start stub 2001:db8:1::53
	pair_start
	within 10 serving 1 2 3
	now is_first_for direct 1
	now is_first_for stub 1
	gateway_kill 1
	# With a fallback in its list at once, though BIND has not been told yet.
	now at_client direct "$scratch/connect" -d 250 -t 10000 www.lab.example 80
	now at_client direct chroot "$image" curl -s -m 30 http://www.lab.example/none
	# Without one when BIND is clean; behind a cache when the TTL has ended, too.
	within 30 client_connects direct -t 1000 www.lab.example 80
	within 30 at_client direct curl -s --connect-timeout 1 http://www.lab.example/none
	within 60 client_connects stub -t 1000 www.lab.example 80
	now serving 2 3
}

clat_follows_ipv4only_arpa_with_a_short_ttl() {
	clients_up
	image_up || skip "no image of Debian 13 (tests/lab/image)"
	prefixes_tiered
	client_add phone 2001:db8:64::c1 2001:db8:1::53
	doc_ipv4only_zone
	sed -i 's/60/5/g' /etc/bind/db.ipv4only.arpa
	bind_restart
	pair_start
	within 10 serving 1 2 3
	within 5 logged "in force: "
	now clat_start phone
	[ "$(clat_prefix phone)" = "${prefixes[1]}" ] || fail "clatd took $(clat_prefix phone)"
	now client_connects phone -t 5000 198.51.100.1 80
	clat_follow_dns phone &
	# It asks again and again, and keeps a prefix that is still served.
	sleep 12
	[ "$(grep -c 'Starting up TAYGA' "$scratch/clatd.phone")" -eq 1 ] ||
		fail "clatd was started anew: $(cat "$scratch/clatd.phone")"
	gateway_kill 1
	within 60 client_connects phone -t 1000 198.51.100.1 80
	[ "$(clat_prefix phone)" != "${prefixes[1]}" ] || fail "clatd still has the dead prefix"
}

ipv4only_arpa_is_served_as_the_document_says() {
	doc_ipv4only_zone
	bind_restart
	pair_start
	within 10 served_count 3
	within 5 logged "in force: "
	now not logged "is a cache"
	in_ns dns64 dig @::1 +noall +answer ipv4only.arpa AAAA >"$scratch/answer"
	[ "$(awk '$2 == 60' "$scratch/answer" | wc -l)" -eq 6 ] ||
		fail "not 6 records of 60 s: $(cat "$scratch/answer")"
	# In the file's order.
	sed -n 's/^dns64 \(.*\) { };$/\1/p' "$dns64_conf" >"$scratch/file"
	[ "$(wc -l <"$scratch/file")" -eq 3 ] || fail "the file has $(cat "$scratch/file")"
	awk '{ print $5 }' "$scratch/answer" | head -n 3 | prefixes_of_addresses |
		diff "$scratch/file" - || fail "ipv4only.arpa is not in the file's order"
}

clat_follows_router_advertisements() {
	clients_up
	image_up || skip "no image of Debian 13 (tests/lab/image)"
	prefixes_tiered
	client_add phone 2001:db8:64::c1 2001:db8:1::53
	pair_start
	within 10 serving 1 2 3
	now radvd_start
	clat_follow_ra phone &
	within 30 clat_works phone
	within 10 client_connects phone -t 1000 198.51.100.1 80
	[ "$(clat_prefix phone)" = "${prefixes[1]}" ] || fail "clatd took $(clat_prefix phone)"
	gateway_kill 1
	within 60 client_connects phone -t 1000 198.51.100.1 80
	[ "$(clat_prefix phone)" != "${prefixes[1]}" ] || fail "clatd still has the dead prefix"
}

# The document's units and radvd under systemd; nat64-update writes sets there, and a client hears
# them.
router_advertisements_follow_the_set() {
	local n
	clients_up
	client_add phone 2001:db8:64::c1 2001:db8:1::53
	in_ns phone "$scratch/pref64" uplink >"$scratch/heard" &
	now machine_start
	machine_install
	machine_set 1 3 5
	doc_block router:install
	in_machine sh -e -c "$block" >"$scratch/output" 2>&1 ||
		fail "exit status $?: $(cat "$scratch/output")"
	within 30 heard "1=1800 3=1800 5=1800 2=0 4=0 6=0"
	doc_block router:/etc/radvd.conf
	diff "$machine_root/etc/radvd.conf" - <<<"$block" ||
		fail "/etc/radvd.conf is not as printed"

	# Sets that come one after the other, and faster than the service runs.
	for n in 1 2 3 4; do
		machine_set "$n" 5
		within 30 heard_first "$n"
		within 30 service_rests
		machine_set 6 "$n"
		within 30 heard_first 6
		within 30 service_rests
	done
	for n in 1 2 5 6 1 2; do machine_set "$n" 4 3; done
	within 90 heard "2=1800 4=1800 3=1800 1=0 5=0 6=0"
	now in_machine systemctl --quiet is-active nat64health-radvd.path

	# A set that is written while the service is still busy with the one before.
	mkdir "$machine_root/etc/systemd/system/nat64health-radvd.service.d"
	printf '[Service]\nExecStartPost=/bin/sleep 3\n' \
		>"$machine_root/etc/systemd/system/nat64health-radvd.service.d/slow.conf"
	in_machine systemctl daemon-reload
	within 30 service_rests
	machine_set 5 1
	within 90 heard_first 5
	machine_set 2 4 3
	within 90 heard_first 2
	rm "$machine_root/etc/systemd/system/nat64health-radvd.service.d/slow.conf"
	in_machine systemctl daemon-reload
	within 30 service_rests

	# A set that the list does not allow is not told.
	printf 'dns64 %s { };\n' 2001:db8:bad::/96 "${prefixes[1]}" \
		>"$machine_root/var/lib/bind/dns64.conf"
	within 90 in_machine systemctl --quiet is-failed nat64health-radvd.service
	now heard "2=1800 4=1800 3=1800 1=0 5=0 6=0"
	machine_set 6 1
	within 90 heard "6=1800 1=1800 2=0 3=0 4=0 5=0"
}

radvd_conf_stays_when_there_is_no_good_set() {
	image_up || skip "no image of Debian 13 (tests/lab/image)"
	radvd_files
	dns64_conf 1 2 | sed 's/{ }/{ include "options"; }/' >"$dns64_conf"
	now chroot "$image" nat64health-radvd
	now grep -q "nat64prefix ${prefixes[2]} { };" "$image/etc/radvd.conf"
	cp "$image/etc/radvd.conf" "$scratch/before"
	dns64_conf 3 >"$dns64_conf"
	echo "dns64 2001:db8:bad::/96 { };" >>"$dns64_conf"
	radvd_conf_refused "2001:db8:bad::/96 is not in"
	echo 'dns64 2001:db8:64:1::/96 { }; }; interface evil {' >"$dns64_conf"
	now chroot "$image" nat64health-radvd
	now not grep -q evil "$image/etc/radvd.conf"
	cp "$image/etc/radvd.conf" "$scratch/before"
	: >"$dns64_conf"
	radvd_conf_refused "no set in"
	rm "$dns64_conf"
	mkfifo "$dns64_conf"
	radvd_conf_refused "no regular file"
	rm "$dns64_conf"
	dns64_conf 4 5 >"$dns64_conf"
	echo 'interface lan { nat64prefixes; };' >"$image/etc/radvd.conf.nat64"
	radvd_conf_refused 'no line "nat64prefixes;"'
	printf 'interface lan {\nnonsense\nnat64prefixes;\n};\n' >"$image/etc/radvd.conf.nat64"
	radvd_conf_refused "syntax error"
}

prefixes_are_sorted_as_the_table_says() {
	local address blocks random first n=0
	clients_up
	ip addr add fd00:db8:c::1/64 dev lan nodad
	doc_table order
	while IFS='|' read -r address blocks random first; do
		client_add "c$((++n))" "${address% }" 2001:db8:1::53
		rrset_order ''
		# shellcheck disable=SC2086
		now blocks_write $blocks
		[ "$(first_addresses "c$n")" = "$(xargs <<<"$random")" ] ||
			fail "$address, $blocks: first came $(first_addresses "c$n")"
		for rule in 'rrset-order { order none; };' 'rrset-order { order cyclic; };'; do
			rrset_order "$rule"
			# shellcheck disable=SC2086
			now blocks_write $blocks
			[ "$(first_addresses "c$n")" = "$(xargs <<<"$first")" ] ||
				fail "$address, $blocks, $rule: first came $(first_addresses "c$n")"
		done
		ip link del "c$n"
	done <<<"$table"
	[ "$n" -ge 5 ] || fail "few rows: $table"
}

bind_9_20_resolves_through_the_first_prefix() {
	clients_up
	image_up || skip "no image of Debian 13 (tests/lab/image)"
	cat >/etc/bind/named.conf.options <<-'END'
		options {
			directory "/var/cache/bind";
			dnssec-validation no;
			listen-on-v6 { any; };
			rrset-order { order none; };
			resolver-use-dns64 yes;
			include "/var/lib/bind/dns64.conf";
		};
		zone "v4.example" { type static-stub; server-addresses { 198.51.100.3; }; };
	END
	echo 'zone "v4.example" { type primary; file "/etc/bind/db.v4"; };' >>/etc/bind/ipv4.conf
	# shellcheck disable=SC2016
	printf '%s\n' '$TTL 1' '@ SOA ns hostmaster 1 3600 600 86400 1' '@ NS ns' \
		'ns A 198.51.100.3' '* A 198.51.100.1' >/etc/bind/db.v4
	pkill -HUP -f -x 'named .*/etc/bind/ipv4.conf'
	bind_20_start
	now blocks_write "${prefixes[3]}" "${prefixes[1]}" "${prefixes[2]}"
	in_ns dns64 dig @::1 +short www.lab.example AAAA | prefixes_of_addresses >"$scratch/order"
	printf '%s\n' "${prefixes[3]}" "${prefixes[1]}" "${prefixes[2]}" | diff - "$scratch/order" ||
		fail "not in the file's order"
	within 10 resolves one.v4.example
	gateway_kill 3
	in_ns dns64 dig @::1 +time=30 +tries=1 two.v4.example A >"$scratch/answer"
	now grep -q 'status: SERVFAIL' "$scratch/answer"
	now blocks_write "${prefixes[1]}" "${prefixes[2]}"
	now resolves three.v4.example
}
