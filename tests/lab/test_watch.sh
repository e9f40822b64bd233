# shellcheck shell=bash
# The live table, in a terminal (tmux) on the DNS64 server.

live_table_tells_which_gateway_died_and_why() {
	watch_start 110 20
	within 10 screen_shows '  5 of 5 healthy  every 2 s  set:( 2001:db8:64:[1-5]::/[69][46]){3}'
	gateway_kill 1
	within 10 screen_shows "^${prefixes[1]} down  no .* [0-9]+s ago: no (dns|tcp) from [0-9]+ targets"
	now screen_shows '  4 of 5 healthy'
	now screen_shows "^[0-9:]{8}  ${prefixes[1]} is down: no (dns|tcp) answer"
	now screen_shows "^${prefixes[5]}"
	tmux resize-window -x 60 -y 5
	within 5 screen_shows '^3 not shown, 0 of them down'
	tmux send-keys C-c
	within 10 pair_gone
}
