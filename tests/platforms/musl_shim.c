/*
 * The checked forms of printf, which Debian's archives of libcap-ng and libseccomp call, as they
 * were compiled for glibc; musl has none. Linked into the musl build. Other names that musl does
 * not have are given to its functions by the linker (tests/platforms/inside).
 */
#include <stdarg.h>
#include <stdio.h>

#define UNUSED __attribute__((unused))

/* CHECKED(NAME, CALL, PARAMETERS before the format...): CALL is that of musl, with args. */
#define CHECKED(name, call, ...)                        \
	int name(__VA_ARGS__, const char *format, ...); \
	int name(__VA_ARGS__, const char *format, ...)  \
	{                                               \
		va_list args;                           \
		va_start(args, format);                 \
		int length = call;                      \
		va_end(args);                           \
		return length;                          \
	}

CHECKED(__snprintf_chk, vsnprintf(s, size, format, args), char *s, size_t size, UNUSED int flag,
        UNUSED size_t room)
CHECKED(__sprintf_chk, vsnprintf(s, room, format, args), char *s, UNUSED int flag, size_t room)
CHECKED(__fprintf_chk, vfprintf(file, format, args), FILE *file, UNUSED int flag)
CHECKED(__printf_chk, vprintf(format, args), UNUSED int flag)
