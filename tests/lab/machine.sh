# shellcheck shell=bash
# A machine under a real systemd in the lab: the image of Debian 13 as its root, in the router's
# network namespace. Its units are its own; none starts but those that a test starts.

machine_root=$scratch/machine

machine_start() {
	local dir node
	# A control group for systemd to manage, since it may not have this machine's.
	mkdir /run/group
	mount -t cgroup2 none /run/group || return 1
	machine_group=$(mktemp -d /run/group/nat64health-lab.XXXXXX) || return 1
	trap machine_stop EXIT
	image_mount "$machine_root" || return
	for dir in dev run tmp; do mount -t tmpfs -o mode=755 "$dir" "$machine_root/$dir"; done
	mkdir "$machine_root"/{old,run/units} "$machine_root"/dev/{shm,pts,mqueue,hugepages}
	for node in null zero full random urandom tty; do
		touch "$machine_root/dev/$node"
		mount --bind "/dev/$node" "$machine_root/dev/$node"
	done
	ln -s pts/ptmx "$machine_root/dev/ptmx"
	touch "$machine_root/dev/console"
	chmod 1777 "$machine_root/tmp"
	mount -t sysfs -o ro sysfs "$machine_root/sys"
	printf '[Unit]\nDefaultDependencies=no\n' >"$machine_root/run/units/test.target"
	(
		echo "$BASHPID" >"$machine_group/cgroup.procs"
		exec unshare --mount --pid --uts --ipc --cgroup --fork --kill-child \
			env -i container=lab PATH="$PATH" SYSTEMD_UNIT_PATH=/run/units: \
			SYSTEMD_GENERATOR_PATH=/nowhere \
			SYSTEMD_ENVIRONMENT_GENERATOR_PATH=/nowhere \
			"$root_dir/tests/cli/systemd_root" "$machine_root"
	) &
	machine=$!
	wait_until 20 machine_runs
}

machine_runs() {
	machine_manager=$(pgrep -x -P "$machine" systemd) &&
		in_machine systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'
}

in_machine() {
	nsenter --target "$machine_manager" --mount --pid --uts --ipc --cgroup "$@"
}

# The kernel ends the machine with the world, but would keep the control group.
machine_stop() {
	{ kill -KILL "$machine" && wait "$machine"; } 2>/dev/null
	wait_until 5 machine_group_removed
}

machine_group_removed() {
	[ ! -d "$machine_group" ] || {
		find "$machine_group" -depth -type d -exec rmdir {} + 2>/dev/null
		[ ! -d "$machine_group" ]
	}
}
