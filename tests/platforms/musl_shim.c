/*
 * What Debian's archives of libcap-ng and libseccomp, which were compiled for glibc, want of it and
 * musl has by other names: the checked forms of printf and the C23 forms of strtol. Linked into the
 * musl build.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int __snprintf_chk(char *s, size_t size, int flag, size_t room, const char *format, ...);
int __sprintf_chk(char *s, int flag, size_t room, const char *format, ...);
int __fprintf_chk(FILE *file, int flag, const char *format, ...);
int __printf_chk(int flag, const char *format, ...);
void *__memcpy_chk(void *to, const void *from, size_t size, size_t room);
void *__memset_chk(void *to, int byte, size_t size, size_t room);
char *__strcpy_chk(char *to, const char *from, size_t room);
char *__strncpy_chk(char *to, const char *from, size_t size, size_t room);
long __isoc23_strtol(const char *s, char **end, int base);
unsigned long __isoc23_strtoul(const char *s, char **end, int base);
int __isoc23_sscanf(const char *s, const char *format, ...);

int __snprintf_chk(char *s, size_t size, int flag, size_t room, const char *format, ...)
{
	va_list args;
	int length;

	(void)flag;
	(void)room;
	va_start(args, format);
	length = vsnprintf(s, size, format, args);
	va_end(args);
	return length;
}

int __sprintf_chk(char *s, int flag, size_t room, const char *format, ...)
{
	va_list args;
	int length;

	(void)flag;
	va_start(args, format);
	length = vsnprintf(s, room, format, args);
	va_end(args);
	return length;
}

int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
	va_list args;
	int length;

	(void)flag;
	va_start(args, format);
	length = vfprintf(file, format, args);
	va_end(args);
	return length;
}

int __printf_chk(int flag, const char *format, ...)
{
	va_list args;
	int length;

	(void)flag;
	va_start(args, format);
	length = vprintf(format, args);
	va_end(args);
	return length;
}

void *__memcpy_chk(void *to, const void *from, size_t size, size_t room)
{
	(void)room;
	return memcpy(to, from, size);
}

void *__memset_chk(void *to, int byte, size_t size, size_t room)
{
	(void)room;
	return memset(to, byte, size);
}

char *__strcpy_chk(char *to, const char *from, size_t room)
{
	(void)room;
	return strcpy(to, from);
}

char *__strncpy_chk(char *to, const char *from, size_t size, size_t room)
{
	(void)room;
	return strncpy(to, from, size);
}

long __isoc23_strtol(const char *s, char **end, int base)
{
	return strtol(s, end, base);
}

unsigned long __isoc23_strtoul(const char *s, char **end, int base)
{
	return strtoul(s, end, base);
}

int __isoc23_sscanf(const char *s, const char *format, ...)
{
	va_list args;
	int count;

	va_start(args, format);
	count = vsscanf(s, format, args);
	va_end(args);
	return count;
}
