/*
 * Makes a path slow: takes packets from a tun device and gives each back to it after a while, in
 * their order. The kernel here has no netem. usage: delay DEVICE MILLISECONDS
 */
#include <err.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PACKETS    1024 /* under way at once; what comes beyond is lost, as on a full queue */
#define PACKET_MAX 2048

struct packet {
	int64_t due_us;
	ssize_t length;
	char bytes[PACKET_MAX];
};

static struct packet queue[PACKETS];
static size_t first, count;

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int tun_open(const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) != 0)
		err(1, "cannot open %s", name);
	return fd;
}

static void packet_take(int fd, int64_t delay_us)
{
	char lost[PACKET_MAX];
	struct packet *p = &queue[(first + count) % PACKETS];

	if (count == PACKETS) {
		if (read(fd, lost, sizeof(lost)) < 0)
			err(1, "cannot read");
		return;
	}
	p->length = read(fd, p->bytes, sizeof(p->bytes));
	if (p->length <= 0)
		return;
	p->due_us = now_us() + delay_us;
	count++;
}

static void packets_give(int fd)
{
	while (count > 0 && queue[first].due_us <= now_us()) {
		const struct packet *p = &queue[first];

		if (write(fd, p->bytes, (size_t)p->length) < 0)
			warn("cannot write");
		first = (first + 1) % PACKETS;
		count--;
	}
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(1, "usage: delay DEVICE MILLISECONDS");

	int64_t delay_us = strtoll(argv[2], NULL, 10) * 1000;
	struct pollfd ready = {.fd = tun_open(argv[1]), .events = POLLIN};
	for (;;) {
		struct timespec wait = {.tv_sec = 3600};
		int64_t left = count > 0 ? queue[first].due_us - now_us() : 0;

		if (count > 0)
			wait = (struct timespec){.tv_nsec = left > 0 ? (long)left * 1000 : 0};
		if (wait.tv_nsec > 999999999)
			wait.tv_nsec = 999999999;
		if (ppoll(&ready, 1, &wait, NULL) > 0)
			packet_take(ready.fd, delay_us);
		packets_give(ready.fd);
	}
}
