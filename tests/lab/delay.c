/*
 * Makes a path slow: takes packets from a tun device and gives each back to it after a while, in
 * their order. The kernel here has no netem. usage: delay DEVICE MILLISECONDS
 */
#include <err.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct packet {
	struct timespec due;
	char bytes[2048];
};

static int tun_open(const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) != 0)
		err(1, "cannot open %s", name);
	return fd;
}

static void packets_take(int tun, int queue, long delay_ms)
{
	struct packet p;
	ssize_t length;

	while ((length = read(tun, p.bytes, sizeof(p.bytes))) > 0) {
		clock_gettime(CLOCK_MONOTONIC, &p.due);
		p.due.tv_nsec += delay_ms % 1000 * 1000000;
		p.due.tv_sec += delay_ms / 1000 + p.due.tv_nsec / 1000000000;
		p.due.tv_nsec %= 1000000000;
		if (send(queue, &p, offsetof(struct packet, bytes) + (size_t)length, 0) < 0)
			err(1, "cannot queue");
	}
	err(1, "cannot read");
}

static void packets_give(int queue, int tun)
{
	const ssize_t head = offsetof(struct packet, bytes);
	struct packet p;
	ssize_t length;

	while ((length = recv(queue, &p, sizeof(p), 0)) > head) {
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &p.due, NULL);
		if (write(tun, p.bytes, (size_t)(length - head)) < 0)
			warn("cannot write");
	}
}

int main(int argc, char **argv)
{
	int ends[2]; /* the queue ends with the process that fills it */

	if (argc != 3)
		errx(1, "usage: delay DEVICE MILLISECONDS");
	int tun = tun_open(argv[1]);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0)
		err(1, "cannot make a queue");
	if (fork() == 0) {
		close(ends[0]);
		packets_give(ends[1], tun);
		return 0;
	}
	close(ends[1]);
	packets_take(tun, ends[0], strtol(argv[2], NULL, 10));
}
