# shellcheck shell=bash
# 6. From a gateway's death to a client's next connection that works, with real clients: by name
# directly, through a caching forwarder, and through a CLAT; with nat64health and with static lists.
#
# The gateway that dies is the one that the clients use. A client begins a connection every second.
# "First" is the time from the death to the first success of a connection begun after it; "all" the
# time to the beginning of those of which none takes more than 10 s any more. It is "never" if one of
# the last ten did.

for file in clients image clat radvd; do
	# shellcheck source=/dev/null
	. "$lab_dir/$file.sh"
done

# How many labs with nat64health and with static lists, all at the same time, deaths in each, and
# seconds of watching after each. A SYN is given up after 127 to 131 s. With nat64health
# a death comes 20 to 80 s after the start, so that caches of 60 s have any age.
clients_labs=6 clients_deaths=6 clients_watch_s=95
clients_static_labs=6 clients_static_deaths=5 clients_static_watch_s=140
if [ -n "${BENCH_ROUNDS:-}" ]; then
	clients_labs=1 clients_deaths=$BENCH_ROUNDS
	clients_static_labs=1 clients_static_deaths=$BENCH_ROUNDS
fi

# --- the world -----------------------------------------------------------------------------

# dns_configure SERVER: TTLs of 60 s (lab.example, ipv4only.arpa) and 20 s (short.example), the best
# prefix first in ipv4only.arpa.
dns_configure() {
	at "$1" on_server tee /etc/bind/named.conf.options <<-'END'
		options {
			directory "/var/cache/bind";
			dnssec-validation no;
			listen-on-v6 { any; };
			ipv4only-enable no;
			rrset-order { name "ipv4only.arpa" order none; name "*" order random; };
			include "/var/lib/bind/dns64.conf";
		};
	END
	at "$1" on_server tee -a /etc/bind/named.conf.local <<-'END'
		zone "ipv4only.arpa" { type primary; file "/etc/bind/db.ipv4only.arpa"; };
		zone "short.example" { type primary; file "/etc/bind/db.short"; };
	END
	at "$1" on_server tee /etc/bind/db.ipv4only.arpa <<-'END'
		$TTL 60
		@ SOA localhost. hostmaster.localhost. 1 3600 600 86400 60
		@ NS localhost.
		@ A 192.0.0.170
		@ A 192.0.0.171
	END
	at "$1" on_server sh -c "sed 's/60/20/g' /etc/bind/db.lab >/etc/bind/db.short"
} >/dev/null

# clients_world: two DNS64 servers, clients of each. Gateway 1 is everybody's first.
clients_world() {
	lab_up && clients_up && image_up || return
	printf '%s\n' "${prefixes[1]}" "${prefixes[2]} tier=1" "${prefixes[3]} tier=1" \
		"${prefixes[4]} tier=2" "${prefixes[5]} tier=2" >"$prefix_file"
	server_add 2
	at 2 on_server install -o bind -g bind /dev/null "$dns64_conf"
	local n clats=0
	for n in 1 2; do
		dns_configure "$n"
		client_add "direct$n" "2001:db8:64::1$n" "2001:db8:$n::53"
		client_add "tie$n" "2001:db8:c::2$n" "2001:db8:$n::53"
		client_add "stub$n" "2001:db8:64::3$n" "2001:db8:$n::53"
	done
	for n in asks once hears; do
		client_add "clat-$n" "2001:db8:64::4$((++clats))" 2001:db8:1::53
	done
	at 1 bind_restart
	at 2 bind_start
}

# --- users ---------------------------------------------------------------------------------

# What a user runs, as "CLIENT COMMAND...", by its name, KIND@SERVER.
user_command() {
	local n=${1#*@} curl8="chroot $image curl -s http://www.lab.example/none"
	case $1 in
	walk@*) echo "direct$n $scratch/connect www.lab.example 80" ;;
	curl@*) echo "direct$n curl -s http://www.lab.example/none" ;;
	curl8@*) echo "direct$n $curl8" ;;
	tie@*) echo "tie$n $scratch/connect www.lab.example 80" ;;
	stub60@*) echo "stub$n $scratch/connect www.lab.example 80" ;;
	stub20@*) echo "stub$n $scratch/connect www.short.example 80" ;;
	stubcurl8@*) echo "stub$n $curl8" ;;
	clat-*) echo "${1%@*} $scratch/connect 198.51.100.1 80" ;;
	esac
}

declare -A user_job

# user_start USER [COUNT]
user_start() {
	local command
	read -ra command <<<"$(user_command "$1")"
	: >"$scratch/user.$1"
	# shellcheck disable=SC2016
	setsid ip netns exec "${command[0]}" sh -c 'mount --bind "$0" /etc/resolv.conf
		mount --bind "$0" "$1"
		shift
		exec "$@"' "$scratch/resolv.${command[0]}" "$image/etc/resolv.conf" \
		"$scratch/attempts" "$scratch/user.$1" "${2:-1000}" "${command[@]:1}" \
		</dev/null >/dev/null 2>&1 &
	user_job[$1]=$!
	disown
}

users_stop() {
	local user
	for user in "${!user_job[@]}"; do kill -KILL -- "-${user_job[$user]}"; done 2>/dev/null
	user_job=()
}

# user_measure USER KILLED UNTIL: prints "USER FIRST ALL".
user_measure() {
	awk -v user="$1" -v killed="$2" -v until="$3" '
		$1 == "begun" { begun[$2] = $3; last = $2 > last ? $2 : last }
		$1 == "ended" { ended[$2] = $3; status[$2] = $4 }
		END {
			first = "never"
			all = 0
			for (n = 1; n <= last; n++) {
				if (begun[n] < killed || begun[n] > until - 10.5)
					continue
				ok = (n in ended) && status[n] == 0
				if (ok && (first == "never" || ended[n] - killed < first))
					first = ended[n] - killed
				quick = ok && ended[n] - begun[n] <= 10
				if (quick && run++ == 0)
					all = begun[n] - killed
				if (!quick)
					run = all = 0
				total++
			}
			if (run < total && run < 10)
				all = "never"
			print user, first, run == total ? 0 : all
		}' "$scratch/user.$1"
}

# --- deaths --------------------------------------------------------------------------------

# death_watch SECONDS USER...: kills gateway 1 and prints what became of each user.
death_watch() {
	local killed until user
	gateway_kill 1
	killed=$EPOCHREALTIME
	sleep "$1"
	until=$EPOCHREALTIME
	users_stop
	for user in "${@:2}"; do user_measure "$user" "$killed" "$until"; done
	gateway_start 1
	wait_until 10 gateway_works 1
}

# clats_start NAME...: with gateway 1's prefix, which is the first.
clats_start() {
	local name
	for name; do
		clat_start "$name" || say "  $name does not start"
		[ "$(clat_prefix "$name")" = "${prefixes[1]}" ] ||
			say "  $name begins with $(clat_prefix "$name")"
	done
}

clats_stop() {
	local job name
	for job in "${clat_jobs[@]}"; do kill "$job"; done 2>/dev/null
	clat_jobs=()
	for name; do clat_stop "$name"; done
}

# Server 1 has sets of 2 to 3, server 2 of 1.
clients_pairs_start() {
	pair_start
	at 2 background_as_bind "$monitor $(target_options) --count 1-1 $prefix_file -- \
		nat64-update --count 1-1"
	wait_until 10 serving 1 2 3 && wait_until 10 at 2 serving 1
}

clients_pairs_stop() {
	pkill -TERM -x nat64-monitor
	wait_until 10 pair_gone
}

clients_lab() {
	local round n late=(walk@1 curl@1 curl8@1 tie@1 walk@2 curl8@2)
	local early=(stub60@1 stub20@1 stubcurl8@1 stub60@2 stubcurl8@2)
	early+=(clat-asks@1 clat-once@1 clat-hears@1)
	clients_world || return
	stub_start stub1 2001:db8:1::53
	stub_start stub2 2001:db8:2::53
	for ((round = 0; round < clients_deaths; round++)); do
		clients_pairs_start || return
		[ "$round" -gt 0 ] || radvd_start || return
		pkill -HUP -x dnsmasq
		clats_start clat-asks clat-once clat-hears
		clat_follow_dns clat-asks &
		clat_jobs=($!)
		clat_follow_ra clat-hears &
		clat_jobs+=($!)
		for n in "${early[@]}"; do user_start "$n"; done
		sleep "$((20 + RANDOM % 60)).$((RANDOM % 10))"
		for n in "${late[@]}"; do user_start "$n" 30; done
		sleep 0.5
		death_watch "$clients_watch_s" "${early[@]}" "${late[@]}"
		clats_stop clat-asks clat-once clat-hears
		clients_pairs_stop
	done
}

static_write() {
	local n
	for n; do echo "dns64 ${prefixes[n]} { };"; done
}

clients_static_lab() {
	local round n users=(walk@1 curl@1 curl8@1 tie@1 stub60@1 clat-once@1 walk@2 curl8@2 tie@2)
	clients_world || return
	static_write 1 2 3 >"$dns64_conf"
	static_write 1 2 3 4 5 | at 2 on_server tee "$dns64_conf" >/dev/null
	for n in 1 2; do kill -HUP "$(at "$n" bind_pid)"; done
	wait_until 5 serving 1 2 3 && wait_until 5 at 2 serving 1 2 3 4 5 || return
	stub_start stub1 2001:db8:1::53
	for ((round = 0; round < clients_static_deaths; round++)); do
		clats_start clat-once
		for n in "${users[@]}"; do user_start "$n" 20; done
		sleep "2.$((RANDOM % 10))"
		death_watch "$clients_static_watch_s" "${users[@]}"
		clats_stop clat-once
	done
}

# --- the table -----------------------------------------------------------------------------

clients_heading="client	BIND's list	first: median	p99	most	all: median	most	deaths"

# clients_row FILE USER CLIENT LIST SECONDS: of lines "USER FIRST ALL".
clients_row() {
	grep "^$2 " "$1" | awk -v client="$3" -v list="$4" -v watched="$5" '
		function rank(share) {
			return share * NR > int(share * NR) ? int(share * NR) + 1 : int(share * NR)
		}
		function insert(values, value,   i) {
			for (i = NR; i > 1 && values[i - 1] > value; i--)
				values[i] = values[i - 1]
			values[i] = value
		}
		function words(value, other) {
			return value < 1e6 ? sprintf("%.1f s", value) : other
		}
		{
			insert(first, $2 == "never" ? 1e6 : $2 + 0)
			insert(all, $3 == "never" ? 1e6 : $3 + 0)
		}
		END {
			if (NR == 0) {
				printf "%s\t%s\tNOT MEASURED\t\t\t\t\t0\n", client, list
				exit
			}
			none = "> " watched " s"
			printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n", client, list,
				words(first[rank(0.5)], none), words(first[rank(0.99)], none), words(first[NR], none),
				words(all[rank(0.5)], "never"), words(all[NR], "never"), NR
		}'
}

# Clients by the KIND of their user, BIND's lists by lab and server.
declare -A clients_kind=(
	[walk]="one address after the other"
	[tie]="one after the other, no prefix nearer"
	[curl]="curl 7.88 (Debian 12)"
	[curl8]="curl 8.21 (Debian 13's backports)"
	[stub60]="one after the other, dnsmasq, TTL 60 s"
	[stub20]="one after the other, dnsmasq, TTL 20 s"
	[stubcurl8]="curl 8.21, dnsmasq, TTL 60 s"
	[clat-hears]="clatd, started anew by PREF64"
	[clat-asks]="clatd, started anew by ipv4only.arpa, TTL 60 s"
	[clat-once]="clatd as it is"
)
declare -A clients_list=(
	[with@1]="nat64health, 2-3" [with@2]="nat64health, 1-1"
	[without@1]="static three" [without@2]="static five"
)

# The rows in their order, LAB/KIND@SERVER.
clients_rows=(with/walk@1 with/walk@2 without/walk@1 without/walk@2
	with/tie@1 without/tie@1 without/tie@2
	with/curl@1 without/curl@1
	with/curl8@1 with/curl8@2 without/curl8@1 without/curl8@2
	with/stub60@1 with/stub60@2 without/stub60@1 with/stub20@1
	with/stubcurl8@1 with/stubcurl8@2
	with/clat-hears@1 with/clat-asks@1 with/clat-once@1 without/clat-once@1)

part_clients_run() {
	local lab row user watched
	# A few seconds between them: to set a lab up is work.
	for ((lab = 1; lab <= clients_labs; lab++)); do
		bench_start "$1/clients-$lab" clients_lab
		sleep 3
	done
	for ((lab = 1; lab <= clients_static_labs; lab++)); do
		bench_start "$1/static-$lab" clients_static_lab
		sleep 3
	done
	wait
	cat "$1"/clients-* >"$1/with"
	cat "$1"/static-* >"$1/without"
	for row in "${clients_rows[@]}"; do
		lab=${row%/*} user=${row#*/} watched=$clients_watch_s
		[ "$lab" = with ] || watched=$clients_static_watch_s
		clients_row "$1/$lab" "$user" "${clients_kind[${user%@*}]}" \
			"${clients_list[$lab@${user#*@}]}" "$watched"
	done >"$1/clients"
}
