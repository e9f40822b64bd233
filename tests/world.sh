# shellcheck shell=bash
# What the private worlds of tests have in common, in the lab and beside the command lines: directories of
# their own in the place of the system's, and patience. It starts no world.

# So many times longer than a busy machine an emulated one may take.
patience=${PATIENCE:-1}

# wait_until SECONDS CONDITION...: what takes a quiet machine at most that long, and a busy one much longer.
wait_until() {
	local end=$((${EPOCHREALTIME/./} + (2 * $1 + 30) * 1000000 * patience))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/./}" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# tmpfs_over DIRECTORY MODE [OPTIONS]: an empty one that only this world sees. It fails if that is not so,
# whatever mount said: what follows would be written into the system's own directory.
tmpfs_over() {
	local name=world-$BASHPID-$EPOCHREALTIME
	mount -t tmpfs -o "mode=$2${3:+,$3}" "$name" "$1" &&
		grep -F " $1 " /proc/self/mountinfo | tail -n 1 | grep -qF -- " - tmpfs $name " && return
	echo "$1 would be the system's own: nothing is written there, and this ends" >&2
	return 1
}
