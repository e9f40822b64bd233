# shellcheck shell=bash
# Router advertisements with the set (PREF64, RFC 8781): radvd and nat64health-radvd in the image, or
# under systemd in the machine. Needs clients.sh, image.sh and machine.sh.

# radvd_start: on the bridge, with the set that server 1 was given, and follows it. A path unit does
# that in a world with systemd.
radvd_start() {
	radvd_files
	radvd_update || return 1
	chroot "$image" radvd --nodaemon --logmethod logfile --logfile /tmp/radvd.log &
	disown
	radvd_follow &
	disown
}

radvd_files() {
	cp "$prefix_file" "$image/etc/bind/nat64-prefixes"
	mount --bind /var/lib/bind "$image/var/lib/bind"
	cat >"$image/etc/radvd.conf.nat64" <<-'END'
		interface lan {
			AdvSendAdvert on;
			nat64prefixes;
		};
	END
}

radvd_update() {
	chroot "$image" nat64health-radvd 2>>"$scratch/radvd-update"
} >/dev/null

radvd_follow() {
	local seen='' file
	while sleep 0.2; do
		file=$(stat -c %i.%Y "$dns64_conf")
		[ "$file" = "$seen" ] && continue
		seen=$file
		radvd_update
	done
}

# The machine as the document's router: its list, its radvd.conf, nat64health's files where make
# install puts them, and radvd's own unit.
machine_install() {
	doc_block router:/etc/radvd.conf.nat64
	echo "$block" >"$machine_root/etc/radvd.conf.nat64"
	prefixes_write 1 2 3 4 5 6
	install -m 644 "$prefix_file" "$machine_root/etc/bind/nat64-prefixes"
	install -D -m 644 -t "$machine_root/usr/local/share/doc/nat64health" \
		"$root_dir"/docs/nat64health-radvd*
	rm "$machine_root/usr/local/sbin/nat64health-radvd"
	in_machine sh -c 'chown bind /var/lib/bind && systemctl disable radvd' 2>/dev/null
}

# machine_set N...: as the document has it for a router without BIND.
machine_set() {
	local n
	for n; do echo "${prefixes[n]}"; done | paste -sd ' ' |
		in_machine nat64-update --no-signal --no-verify --allow /etc/bind/nat64-prefixes ||
		fail "nat64-update ended with status $?"
}

# heard "N=LIFETIME...": the last advertisement has these gateways' prefixes.
heard() {
	local each wanted=()
	for each in $1; do wanted+=("${prefixes[${each%=*}]}=${each#*=}"); done
	[ "$(tail -n 1 "$scratch/heard" | cut -d ' ' -f 2-)" = "${wanted[*]}" ]
}

# The path unit looks again.
service_rests() {
	in_machine systemctl show -p ActiveState nat64health-radvd.service | grep -q =inactive
}

heard_first() {
	[ "$(tail -n 1 "$scratch/heard" | cut -d ' ' -f 2)" = "${prefixes[$1]}=1800" ]
}

radvd_conf_refused() {
	! timeout 5 chroot "$image" nat64health-radvd >"$scratch/refused" 2>&1 ||
		fail "it was taken"
	grep -qF "$1" "$scratch/refused" || fail "it was refused with: $(cat "$scratch/refused")"
	cmp "$scratch/before" "$image/etc/radvd.conf" || fail "/etc/radvd.conf was changed"
}
