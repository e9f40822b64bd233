/*
 * The words between the supervisor and the prober. What a word leads to is decided elsewhere.
 */
#include "control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* Room for one descriptor. */
union ancillary {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(int))];
};

int control_open(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0 ? 0 : -errno;
}

int control_send(int control, enum control_word word, int fd)
{
	union ancillary ancillary = {.room = {0}};
	char byte = (char)word;
	ssize_t sent;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd < 0) {
		/* The prober's sandbox lets sendto() through. */
		sent = sendto(control, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT, NULL, 0);
	} else {
		message.msg_control = ancillary.room;
		message.msg_controllen = sizeof(ancillary.room);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		*header = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(sizeof(fd)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		};
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
		sent = sendmsg(control, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	return sent < 0 ? -errno : 0;
}

int control_receive(int control, enum control_word *word, int *fd)
{
	union ancillary ancillary;
	char byte;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = ancillary.room,
		.msg_controllen = sizeof(ancillary.room),
	};

	*fd = -1;
	ssize_t length = recvmsg(control, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (length < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (length == 0)
		return -EPIPE;
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(header), sizeof(*fd));
	*word = (enum control_word)byte;
	return 1;
}
