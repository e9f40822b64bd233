/* The output file on disk: replaced whole, and only where it is safe to. */
#include "unit.h"

#include "install.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A scratch directory, which is also the working directory. */
struct scratch {
	char dir[32], path[64];
	struct install in;
	struct log_problem problem;
};

static int scratch_make(void **state)
{
	struct scratch *s = calloc(1, sizeof(*s));

	if (!s)
		return -1;
	strcpy(s->dir, "/tmp/test_install.XXXXXX");
	s->in.file.dir_fd = s->in.lock_fd = -1;
	*state = s;
	log_set_level(-1); /* the words are in the problem */
	umask(077);
	return mkdtemp(s->dir) && chmod(s->dir, 0755) == 0 && chdir(s->dir) == 0 ? 0 : -1;
}

static void install_close(struct install *in)
{
	if (in->lock_fd >= 0)
		close(in->lock_fd);
	if (in->file.dir_fd >= 0)
		close(in->file.dir_fd);
	free(in->text);
	in->text = NULL;
	in->lock_fd = in->file.dir_fd = -1;
}

static int scratch_remove(void **state)
{
	static const char *const names[] = {"out",   ".out.tmp",  ".out.lock",
	                                    "other", "moved/out", "moved/.out.lock"};
	struct scratch *s = *state;

	install_close(&s->in);
	for (size_t i = 0; i < COUNT(names); i++)
		unlink(names[i]);
	rmdir("out");
	rmdir("moved");
	rmdir("sub");
	if (chdir("/") != 0 || rmdir(s->dir) != 0)
		return -1;
	free(s);
	return 0;
}

/* A name in it as an absolute path. */
static const char *path_of(struct scratch *s, const char *name)
{
	snprintf(s->path, sizeof(s->path), "%s/%s", s->dir, name);
	return s->path;
}

static void directory_make(const char *name, mode_t mode)
{
	assert_int_equal(mkdir(name, 0755), 0);
	assert_int_equal(chmod(name, mode), 0);
}

static void file_put(const char *name, const char *text, mode_t mode)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(name, mode), 0);
}

static void assert_file(const char *name, const char *text)
{
	char found[64 * 1024];
	FILE *f = fopen(name, "r");

	assert_non_null(f);
	found[fread(found, 1, sizeof(found) - 1, f)] = '\0';
	fclose(f);
	assert_string_equal(found, text);
}

static struct stat status(const char *name)
{
	struct stat st;

	assert_int_equal(lstat(name, &st), 0);
	return st;
}

static bool exists(const char *name)
{
	return access(name, F_OK) == 0;
}

enum { TEXT_MAX = 32 * 1024 };

static void assert_opens(struct scratch *s, const char *path)
{
	if (install_open(&s->in, path, TEXT_MAX, &s->problem) != 0)
		fail_msg("refused: %s", s->problem.words);
}

static void assert_refused(struct scratch *s, const char *path, const char *because)
{
	log_problem_over(&s->problem);
	assert_true(install_open(&s->in, path, TEXT_MAX, &s->problem) < 0);
	if (!strstr(s->problem.words, because))
		fail_msg("said: %s", s->problem.words);
	install_close(&s->in);
}

enum { SAME = 0, REPLACED = 1 };

static int put(struct scratch *s, const char *text)
{
	return install_write(&s->in, text, strlen(text), false, &s->problem);
}

TEST_THAT(a_file_is_made_and_replaced)
{
	struct scratch *s = *state;

	assert_opens(s, "out");
	assert_int_equal(put(s, "one\n"), REPLACED);
	assert_string_equal(s->problem.words, "");
	assert_file("out", "one\n");
	ino_t first = status("out").st_ino;
	assert_int_equal(put(s, "two\n"), REPLACED);
	assert_file("out", "two\n");
	assert_int_not_equal(status("out").st_ino, first);
	assert_int_equal(status("out").st_mode, S_IFREG | 0644);
	assert_false(exists(".out.tmp"));
}

TEST_THAT(the_same_text_is_not_written_again)
{
	struct scratch *s = *state;

	file_put("out", "text\n", 0644); /* by an earlier run */
	assert_opens(s, "out");
	ino_t first = status("out").st_ino;
	assert_int_equal(put(s, "text\n"), SAME);
	assert_int_equal(put(s, "text\n"), SAME);
	assert_int_equal(status("out").st_ino, first);
	assert_int_equal(put(s, "next\n"), REPLACED);
	assert_int_equal(put(s, "next\n"), SAME);
}

/* It is read to its end, and replaced if that is too far. */
TEST_THAT(a_text_of_an_earlier_run_that_differs_anywhere_is_replaced)
{
	static const size_t places[] = {0, 4095, 4096, 10000, TEXT_MAX - 2};
	static char text[TEXT_MAX + 2], other[TEXT_MAX + 2];
	struct scratch *s = *state;

	for (size_t i = 0; i < COUNT(places) + 3; i++) {
		size_t more = i - COUNT(places);

		memset(text, 'x', sizeof(text) - 1);
		text[TEXT_MAX - 1] = '\0';
		strcpy(other, text);
		if (i < COUNT(places))
			other[places[i]] = 'y';
		else if (i == COUNT(places))
			other[TEXT_MAX - 2] = '\0';
		else
			memset(other, 'x', TEXT_MAX - 1 + more);
		file_put("out", other, 0644);
		assert_opens(s, "out");
		assert_int_equal(put(s, text), REPLACED);
		assert_int_equal(put(s, text), SAME);
		assert_file("out", text);
		install_close(&s->in);
	}
}

/* It is seen by its status alone: there is no right to read it behind the sandbox. */
TEST_THAT(a_file_that_was_touched_is_replaced)
{
	struct scratch *s = *state;

	assert_opens(s, "out");
	put(s, "text\n");
	file_put("out", "TEXT\n", 0644);
	assert_int_equal(put(s, "text\n"), REPLACED);
	assert_file("out", "text\n");
	assert_int_equal(chmod("out", 0600), 0);
	assert_int_equal(put(s, "text\n"), REPLACED);
	file_put("other", "text\n", 0644);
	assert_int_equal(rename("other", "out"), 0);
	assert_int_equal(put(s, "text\n"), REPLACED);
	assert_int_equal(unlink("out"), 0);
	assert_int_equal(put(s, "text\n"), REPLACED);
	assert_int_equal(put(s, "text\n"), SAME);
}

TEST_THAT(a_file_is_replaced_anew_when_asked_for)
{
	struct scratch *s = *state;

	assert_opens(s, "out");
	put(s, "text\n");
	ino_t first = status("out").st_ino;
	assert_int_equal(install_write(&s->in, "text\n", 5, true, &s->problem), REPLACED);
	assert_int_not_equal(status("out").st_ino, first);
	assert_int_equal(put(s, "text\n"), SAME);
}

TEST_THAT(a_wrong_mode_of_an_earlier_run_is_repaired)
{
	static const mode_t wrong[] = {0600, 0666, 0640, 0755, 04644};
	struct scratch *s = *state;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		file_put("out", "text\n", wrong[i]);
		assert_opens(s, "out");
		assert_int_equal(put(s, "text\n"), REPLACED);
		assert_int_equal(status("out").st_mode, S_IFREG | 0644);
		install_close(&s->in);
	}
}

TEST_THAT(a_file_of_another_owner_is_replaced)
{
	struct scratch *s = *state;

	if (geteuid() != 0)
		skip();
	file_put("out", "text\n", 0644);
	assert_int_equal(chown("out", 1, 1), 0);
	assert_opens(s, "out");
	assert_int_equal(put(s, "text\n"), REPLACED);
	assert_int_equal(status("out").st_uid, geteuid());
}

TEST_THAT(a_symbolic_link_is_refused)
{
	struct scratch *s = *state;

	file_put("other", "text\n", 0644);
	assert_int_equal(symlink("other", "out"), 0);
	assert_refused(s, "out", "out: is a symbolic link; name the file itself");
	assert_file("other", "text\n");

	assert_int_equal(unlink("out"), 0);
	assert_opens(s, "out");
	assert_int_equal(symlink("other", "out"), 0);
	assert_int_equal(put(s, "new\n"), -ELOOP);
	assert_non_null(strstr(s->problem.words, "symbolic link"));
	assert_true(S_ISLNK(status("out").st_mode));
	assert_file("other", "text\n");
}

TEST_THAT(what_is_no_regular_file_is_refused_without_waiting)
{
	struct scratch *s = *state;

	directory_make("out", 0755);
	assert_refused(s, "out", "out: is a directory; expected a file");
	assert_refused(s, "out/", "does not name a file");
	assert_refused(s, ".", "does not name a file");
	assert_refused(s, "out/..", "does not name a file");
	assert_refused(s, "", "does not name a file");
	assert_int_equal(rmdir("out"), 0);
	assert_int_equal(mkfifo("out", 0644), 0);
	assert_refused(s, "out", "out: is not a regular file");
}

#define OPEN_TO_OTHERS "may be written to by others than root, BIND's user and its group"

TEST_THAT(a_directory_that_others_may_write_to_is_refused)
{
	struct scratch *s = *state;

	assert_int_equal(chmod(".", 01777), 0);
	assert_refused(s, "out", OPEN_TO_OTHERS);
	assert_refused(s, path_of(s, "out"), OPEN_TO_OTHERS);
	assert_int_equal(chmod(".", 0777), 0);
	assert_refused(s, path_of(s, "out"), "mode 0777");
	assert_int_equal(chmod(".", 0775), 0);
	assert_opens(s, "out");
}

TEST_THAT(a_directory_of_others_is_refused)
{
	struct scratch *s = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(".", 1, 0), 0);
	assert_refused(s, "out", OPEN_TO_OTHERS " (owner 1, ");
	assert_int_equal(chown(".", 0, 1), 0);
	assert_opens(s, "out");
	install_close(&s->in);
	assert_int_equal(chmod(".", 0775), 0);
	assert_refused(s, "out", OPEN_TO_OTHERS " (owner 0, group 1, ");
	assert_int_equal(chown(".", 0, 0), 0);
}

/* What leads to it is worth as much. /tmp is on the way, where others cannot touch what is ours. */
TEST_THAT(a_way_that_others_may_change_is_refused)
{
	struct scratch *s = *state;

	directory_make("sub", 0755);
	assert_opens(s, path_of(s, "sub/out"));
	install_close(&s->in);
	assert_int_equal(unlink("sub/.out.lock"), 0);
	directory_make("moved", 0777);
	assert_int_equal(symlink("../sub", "moved/link"), 0);
	assert_refused(s, path_of(s, "moved/link/out"), "/moved: " OPEN_TO_OTHERS);
	assert_int_equal(unlink("moved/link"), 0);
	assert_int_equal(chmod(".", 0777), 0);
	assert_refused(s, path_of(s, "sub/out"), OPEN_TO_OTHERS);
	assert_refused(s, "sub/out", OPEN_TO_OTHERS);
	assert_int_equal(chmod(".", 0755), 0);
}

TEST_THAT(the_lock_is_closed_to_others_and_an_older_one_is_closed)
{
	struct scratch *s = *state;

	umask(022);
	assert_opens(s, "out");
	assert_int_equal(status(".out.lock").st_mode, S_IFREG | 0600);
	install_close(&s->in);
	assert_int_equal(chmod(".out.lock", 0644), 0);
	assert_opens(s, "out");
	assert_int_equal(status(".out.lock").st_mode, S_IFREG | 0600);
}

TEST_THAT(what_is_no_lock_is_refused_without_waiting)
{
	struct scratch *s = *state;

	assert_int_equal(mkfifo(".out.lock", 0600), 0);
	assert_refused(s, "out", "./.out.lock: is not a lock file of BIND's user; remove it");
	assert_int_equal(unlink(".out.lock"), 0);
	assert_int_equal(symlink("other", ".out.lock"), 0);
	assert_refused(s, "out", "cannot create ./.out.lock: ");
	assert_false(exists("other"));
}

TEST_THAT(a_directory_or_a_name_that_cannot_be_is_named)
{
	struct scratch *s = *state;
	char path[PATH_MAX + 3];

	assert_refused(s, "sub/out", "cannot open directory sub: No such file or directory");
	file_put("other", "", 0644);
	assert_refused(s, "other/out", "cannot open directory other: Not a directory");
	memset(path, 'x', sizeof(path));
	strcpy(path + PATH_MAX, "/x");
	assert_refused(s, path, "the name is too long");
	path[NAME_MAX] = '\0';
	assert_refused(s, path, "the name is too long");
}

TEST_THAT(a_directory_that_was_exchanged_is_noticed)
{
	struct scratch *s = *state;

	directory_make("sub", 0755);
	assert_opens(s, path_of(s, "sub/out"));
	assert_int_equal(put(s, "text\n"), REPLACED);
	assert_int_equal(rename("sub", "moved"), 0);
	assert_int_equal(put(s, "new\n"), -ESTALE);
	assert_int_equal(mkdir("sub", 0755), 0);
	assert_int_equal(put(s, "new\n"), -ESTALE);
	assert_non_null(strstr(s->problem.words, "was replaced since the start"));
	assert_file("moved/out", "text\n");
}

TEST_THAT(a_leftover_of_a_killed_run_is_removed_and_never_followed)
{
	struct scratch *s = *state;

	file_put("other", "precious\n", 0644);
	file_put(".out.tmp", "half of a te", 0600);
	assert_opens(s, "out");
	assert_false(exists(".out.tmp"));
	file_put(".out.tmp", "half of a te", 0400);
	assert_int_equal(put(s, "text\n"), REPLACED);
	assert_int_equal(symlink("other", ".out.tmp"), 0);
	assert_int_equal(put(s, "next\n"), REPLACED);
	assert_false(exists(".out.tmp"));
	assert_file("out", "next\n");
	assert_file("other", "precious\n");
	assert_true(S_ISREG(status("out").st_mode));
	install_close(&s->in);
	directory_make(".out.tmp", 0755);
	assert_refused(s, "out",
	               "cannot remove ./.out.tmp, left by an earlier run: Is a directory");
	assert_int_equal(rmdir(".out.tmp"), 0);
}

TEST_THAT(a_file_may_be_in_the_root_directory)
{
	struct atomic_file file;
	struct log_problem problem = {0};

	assert_int_equal(atomic_file_open(&file, "/out", &problem), 0);
	assert_string_equal(file.dir, "/");
	assert_string_equal(file.name, "out");
	close(file.dir_fd);
}

TEST_THAT(what_may_be_done_about_a_failure_is_said)
{
	assert_non_null(strstr(atomic_file_hint(EACCES), "BIND's user must be able to write"));
	assert_non_null(strstr(atomic_file_hint(EBUSY), "Mount its directory instead"));
	assert_string_equal(atomic_file_hint(EIO), "");
}

TEST_THAT(a_second_one_on_the_same_file_is_kept_out)
{
	struct scratch *s = *state;
	struct install second;

	assert_opens(s, "out");
	assert_int_equal(install_open(&second, path_of(s, "out"), TEXT_MAX, &s->problem),
	                 -EWOULDBLOCK);
	assert_non_null(strstr(s->problem.words, "another nat64-update is at work on this file"));
	install_close(&second);
	install_close(&s->in);
	assert_opens(s, path_of(s, "out"));
}

RUN_TESTS(scratch_make, scratch_remove)
