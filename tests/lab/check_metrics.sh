# shellcheck shell=bash
# What operators see of the pair: a real node_exporter and a real Prometheus look at its metrics.

metrics_are_scraped_and_an_alert_fires() {
	local name
	prometheus_start || fail "Prometheus does not run: $(tail -n 5 "$scratch/prometheus.log")"
	prefixes_write 1 2 3
	background_as_bind "$monitor $(target_options) --metrics $scratch/metrics/nat64-monitor.prom \
		$prefix_file -- nat64-update --metrics $scratch/metrics/nat64-update.prom"
	within 10 serving 1 2 3
	within 5 prometheus_finds 'nat64_monitor_healthy_prefixes == 3'
	within 5 prometheus_finds 'sum(nat64_monitor_prefix_chosen) == 3'
	now prometheus_finds 'node_textfile_scrape_error == 0'
	while read -r name; do
		within 5 prometheus_finds "$name"
	done < <(grep -o 'nat64_[a-z]*_[a-z_]*' "$scratch/rules.yml" | sort -u)
	within 5 prometheus_finds 'nat64_update_in_force == 1'
	now prometheus_finds 'time() - node_textfile_mtime_seconds{file=~".*nat64-monitor[.]prom"} < 15'
	now not alert_fires NAT64TooFewHealthy

	gateway_kill 1
	gateway_kill 2
	within 20 alert_fires NAT64TooFewHealthy
	now prometheus_finds "nat64_monitor_prefix_up{prefix=\"${prefixes[2]}\"} == 0"
	now not alert_fires NAT64NothingHealthy
	gateway_start 1
	within 10 not alert_fires NAT64TooFewHealthy
}
