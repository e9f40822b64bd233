# shellcheck shell=bash
# Roots of other systems: made by mmdebstrap from the mirror that apt uses here, kept outside of the
# checkout for a week, and made anew when what is asked for changes. Nothing of them runs here.

cache=${XDG_CACHE_HOME:-/var/cache}/nat64health
keep_days=7

# mirror_find: the archive's address, from apt's own configuration.
mirror_find() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI)' 'ShortDesc: Packages' 'Label: Debian' | head -n 1
}

# image_make NAME SUITE PACKAGES MMDEBSTRAP-OPTION...: PACKAGES are separated by blanks; of $backports, if
# set, as well. Leaves the root's directory in $image. Fails when it cannot be had, with the reason in $reason.
image_make() {
	local name=$1 suite=$2 packages log=$work/image.$1 wanted="$*" mirror
	# shellcheck disable=SC2086
	packages=$(echo $3 | tr ' ' ,)
	image=$cache/$name
	if [ "$(cat "$image.wanted" 2>/dev/null)" = "$wanted" ]; then
		[ -z "$(find "$image.wanted" -mtime "+$keep_days")" ] && return
	else
		rm -rf "$image" "$image.wanted"
	fi
	mirror=$(mirror_find)
	[ -n "$mirror" ] || reason="apt has no source of Debian's packages here"
	mkdir -p "$cache"
	rm -rf "$image.new"
	# Packages of a suite that is not released have expired signatures on some mirrors.
	if mmdebstrap --quiet --format=directory --include="$packages" --components=main \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		"${@:4}" "$suite" "$image.new" "$mirror" \
		${backports:+"deb $mirror $suite-backports main"} >"$log" 2>&1; then
		rm -rf "$image" && mv "$image.new" "$image" && echo "$wanted" >"$image.wanted"
		return
	fi
	rm -rf "$image.new"
	[ -z "$mirror" ] || reason="$suite cannot be had today: $(grep -m 1 -E '^(E|W):|rror' "$log")"
	# One that is too old is better than none.
	[ -e "$image.wanted" ]
}
