# shellcheck shell=bash
# The benchmarks' figures: pairs of numbers measured in turn become rows of a table.
# A row is: what, ours, against what, theirs, ratio, spread, runs, aim, verdict; tabs between.

# row WHAT UNIT AGAINST AIM: reads lines "OURS THEIRS", one a run; "-" was not measured. The ratio is the median of the
# runs' ratios. AIM is the most that it may be, or "-" when there is none.
row() {
	awk -v what="$1" -v unit="$2" -v against="$3" -v aim="$4" '
		function sort_up(list, n,   i, j, kept) {
			for (i = 2; i <= n; i++) {
				kept = list[i]
				for (j = i - 1; j > 0 && list[j] > kept; j--)
					list[j + 1] = list[j]
				list[j + 1] = kept
			}
		}
		function median(list, n) {
			return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
		}
		function figure(value) {
			return sprintf(value < 10 ? "%.3f" : value < 100 ? "%.1f" : "%.0f", value)
		}
		NF == 2 && $1 != "-" && $2 + 0 > 0 {
			n++
			ours[n] = $1 + 0
			theirs[n] = $2 + 0
			ratio[n] = $1 / $2
		}
		END {
			if (n == 0) {
				printf "%s\t-\t%s\t-\t-\t-\t0\t%s\tNOT MEASURED\n", what, against, aim
				exit
			}
			sort_up(ours, n)
			sort_up(theirs, n)
			sort_up(ratio, n)
			middle = median(ratio, n)
			verdict = aim == "-" ? "" : middle <= aim + 0 ? "met" : "MISSED"
			printf "%s\t%s %s\t%s\t%s %s\t%.2f\t%.2f to %.2f\t%d\t%s\t%s\n", what,
				figure(median(ours, n)), unit, against, figure(median(theirs, n)), unit,
				middle, ratio[1], ratio[n], n, aim, verdict
		}'
}

table_heading="what	ours	against	theirs	ratio	spread	runs	aim	verdict"

# table_text [HEADING]: reads rows.
table_text() {
	{
		echo "${1:-$table_heading}"
		cat
	} | column -t -s $'\t'
}

table_markdown() {
	{
		echo "${1:-$table_heading}"
		echo "${1:-$table_heading}" | tr -c '\t\n' - | tr -s - | sed 's|-|---|g'
		cat
	} | sed 's/\t/ | /g; s/^/| /; s/$/ |/'
}

say() {
	echo "$@" >&2
}
