# shellcheck shell=bash
# Two pictures of the benchmarks' figures, for docs. Each function prints an SVG.

# picture: gnuplot, with what both have in common before what it reads.
picture() {
	cat - <(echo "$1") <<-'END' | gnuplot
		set terminal svg size 760,420 font 'sans-serif,13' background '#ffffff' noenhanced
		set border 3
		set tics nomirror
		set grid lc rgb '#dddddd'
		set linetype 1 lc rgb '#000000'
		set linetype 2 lc rgb '#0072b2'
		set linetype 3 lc rgb '#56b4e9'
		set linetype 4 lc rgb '#d55e00'
		set linetype 5 lc rgb '#009e73'
		set key below
	END
}

# deaths_picture FILE: reads lines of "NAME SECONDS" pairs, one a death. Of keepalived's default the
# times are ten times the others', and it would leave no room for them.
deaths_picture() {
	local data name title plots=()
	data=$(mktemp -d)
	for name in ours dnsdist dnsdist-2s haproxy keepalived-2s; do
		awk -v name="$name" '{ for (i = 1; i < NF; i++) if ($i == name && $(i + 1) + 0 > 0) print $(i + 1) }' "$1" |
			sort -n | awk '{ at[NR] = $1 }
				END {
					print at[1], 0
					for (i = 1; i <= NR; i++)
						print at[i], 100 * i / NR
				}' >"$data/$name"
		title=${peer_words[$name]:-nat64health, interval 2 s}
		plots+=("'$data/$name' with steps lw $([ "$name" = ours ] && echo 4 || echo 2) title \"$title\"")
	done
	picture "set xlabel \"seconds from a gateway's death\"
		set ylabel '% of deaths found'
		set xrange [0:16]
		set yrange [0:105]
		plot $(IFS=, && echo "${plots[*]}")"
	rm -r "$data"
}

# cost_picture FILE: reads rows of the table.
cost_picture() {
	local data
	data=$(mktemp)
	awk -F '\t' '/^CPU a probe, dns and tcp, [0-9]+ prefixes/ {
		split($1, words, " ")
		print words[7], $2 + 0, $4 + 0
	}' "$1" >"$data"
	picture "set logscale x
		set xrange [7:14000]
		set yrange [0:*]
		set xlabel 'prefixes, each probed by dns and tcp every 2 s'
		set ylabel 'µs of processor time a probe'
		plot '$data' using 1:2 with linespoints lw 4 pt 7 title 'nat64-monitor', \\
			'$data' using 1:3 with linespoints lw 2 pt 5 title 'floor at the same pace'"
	rm "$data"
}
