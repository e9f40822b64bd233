# shellcheck shell=bash
# Debian 13 in the lab: a copy of what tests/lab/image made, for chroot, and programs of it. It has
# what Debian 12 has not, or too old: radvd with PREF64, clatd, BIND 9.20, curl with fallback within
# a family, systemd-networkd with PREF64.

image_dir=${XDG_CACHE_HOME:-/var/cache}/nat64health/clients
image=$scratch/image

# image_mount DIRECTORY: a copy of the image; what is written to it goes with the world.
image_mount() {
	[ -d "$image_dir" ] || skip "no image of Debian 13 could be made (tests/lab/image)"
	mkdir "$1" "$1.files" "$1.work"
	mount -t overlay -o "lowerdir=$image_dir,upperdir=$1.files,workdir=$1.work" image "$1" ||
		skip "no overlay of the image"
	install -m 755 -t "$1/usr/local/sbin" "$updater" "$root_dir/docs/nat64health-radvd"
}

# image_up: one for chroot.
image_up() {
	local dir
	image_mount "$image"
	for dir in dev proc sys; do mount --rbind "/$dir" "$image/$dir"; done
	touch "$image/etc/resolv.conf"
}

# bind_20_start: that of the image in the place of this machine's, with the same files.
bind_20_start() {
	bind_stop
	named_command=("$image/lib64/ld-linux-x86-64.so.2" \
		--library-path "$image/usr/lib/x86_64-linux-gnu" "$image/usr/sbin/named")
	bind_start
}
