/* The first part of an AppImage: a static program that mounts the file system behind it and starts AppRun there.
 *
 * Layout of the file: this program, then a squashfs image. Where no file system can be mounted (no /dev/fuse or no
 * fusermount3), everything is unpacked for one run and removed at its end.
 *
 * Linked statically with libsquashfuse (BSD), libfuse3 (LGPL 2.1), zlib, zstd and liblzma as Debian builds them, so that
 * it starts on any Linux of the same processor. Build: see appimage.py. Format: AppImage specification, type 2.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <squashfuse/ll.h>
#include <squashfuse/squashfuse.h>

enum { PIECE_BYTES = 1 << 20, OPEN_FILES = 16 };

/* The image is compressed with zstd: these two are never called, and LZO is under the GPL. */
int lzo1x_decompress_safe(const void *a, unsigned long b, void *c, unsigned long *d, void *e)
{
    (void)a, (void)b, (void)c, (void)d, (void)e;
    return -1;
}

int LZ4_decompress_safe(const char *a, char *b, int c, int d)
{
    (void)a, (void)b, (void)c, (void)d;
    return -1;
}

sqfs_ll *sqfs_ll_open(const char *path, size_t offset); /* in the library, but in none of its headers */

static pid_t app_process;

static int complain(const char *what, const char *about)
{
    fprintf(stderr, "Calotype: %s %s: %s\n", what, about, strerror(errno));
    return 1;
}

/* Where the program ends and the image begins; 0 if that cannot be read. */
static size_t program_bytes(const char *path)
{
    Elf64_Ehdr header;
    size_t bytes = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0 && read(file, &header, sizeof header) == (ssize_t)sizeof header)
        bytes = header.e_shoff + (size_t)header.e_shentsize * header.e_shnum;
    if (file >= 0)
        close(file);
    return bytes;
}

static int write_file(sqfs *image, sqfs_inode *inode, const char *path, mode_t mode)
{
    static char piece[PIECE_BYTES];
    sqfs_off_t place = 0, size = (sqfs_off_t)inode->xtra.reg.file_size;
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode | S_IWUSR);
    if (file < 0)
        return complain("cannot write", path);
    while (place < size) {
        sqfs_off_t bytes = sizeof piece;
        if (sqfs_read_range(image, inode, place, &bytes, piece) || bytes <= 0 || write(file, piece, bytes) != bytes) {
            close(file);
            return complain("cannot write", path);
        }
        place += bytes;
    }
    return close(file) ? complain("cannot write", path) : 0;
}

static int write_link(sqfs *image, sqfs_inode *inode, const char *path)
{
    char target[PATH_MAX];
    size_t bytes = sizeof target;
    if (sqfs_readlink(image, inode, target, &bytes))
        return complain("cannot read", path);
    unlink(path);
    return symlink(target, path) ? complain("cannot write", path) : 0;
}

static int write_entry(sqfs *image, sqfs_traverse *walk, const char *folder)
{
    char path[PATH_MAX];
    sqfs_inode inode;
    if (snprintf(path, sizeof path, "%s/%s", folder, walk->path) >= (int)sizeof path)
        return complain("path too long below", folder);
    if (sqfs_inode_get(image, &inode, sqfs_dentry_inode(&walk->entry)))
        return complain("cannot read", path);
    switch (sqfs_dentry_type(&walk->entry)) {
    case SQUASHFS_DIR_TYPE:
    case SQUASHFS_LDIR_TYPE:
        return mkdir(path, 0755) && errno != EEXIST ? complain("cannot make", path) : 0;
    case SQUASHFS_SYMLINK_TYPE:
    case SQUASHFS_LSYMLINK_TYPE:
        return write_link(image, &inode, path);
    default:
        return write_file(image, &inode, path, inode.base.mode & 0777);
    }
}

static int extract(const char *self, size_t offset, const char *folder)
{
    sqfs image;
    sqfs_traverse walk;
    sqfs_err error = SQFS_OK;
    int failed = 0;
    if (sqfs_open_image(&image, self, offset) || sqfs_traverse_open(&walk, &image, sqfs_inode_root(&image)))
        return complain("this file is damaged or not complete:", self);
    if (mkdir(folder, 0755) && errno != EEXIST)
        return complain("cannot make", folder);
    while (!failed && sqfs_traverse_next(&walk, &error))
        if (!walk.dir_end)
            failed = write_entry(&image, &walk, folder);
    sqfs_traverse_close(&walk);
    return failed || error;
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *place)
{
    (void)about, (void)type, (void)place;
    return remove(path);
}

static void pass_on(int signal_number)
{
    if (app_process > 0)
        kill(app_process, signal_number);
}

/* Start AppRun and wait for it; the result is its exit code. */
static int run_app(const char *folder, const char *self, char **arguments)
{
    int status;
    app_process = fork();
    if (app_process == 0) {
        char program[PATH_MAX];
        snprintf(program, sizeof program, "%s/AppRun", folder);
        setenv("APPIMAGE", self, 1);
        setenv("APPDIR", folder, 1);
        setenv("ARGV0", arguments[0], 1);
        arguments[0] = program;
        execv(program, arguments);
        _exit(127 + complain("cannot start", program));
    }
    signal(SIGINT, pass_on);
    signal(SIGTERM, pass_on);
    signal(SIGHUP, pass_on);
    while (waitpid(app_process, &status, 0) < 0)
        if (errno != EINTR)
            return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static struct fuse_lowlevel_ops reading(void)
{
    return (struct fuse_lowlevel_ops){
        .getattr = sqfs_ll_op_getattr, .opendir = sqfs_ll_op_opendir, .releasedir = sqfs_ll_op_releasedir,
        .readdir = sqfs_ll_op_readdir, .lookup = sqfs_ll_op_lookup,   .open = sqfs_ll_op_open,
        .release = sqfs_ll_op_release, .read = sqfs_ll_op_read,       .readlink = sqfs_ll_op_readlink,
        .forget = sqfs_ll_op_forget,   .statfs = stfs_ll_op_statfs,
    };
}

/* The process that answers for the mounted image. It says "y" into the pipe once the image is there. */
static void serve(const char *self, size_t offset, const char *folder, int answer)
{
    char *words[] = {"calotype", "-o", "ro,nosuid,nodev,fsname=Calotype", NULL};
    struct fuse_args options = FUSE_ARGS_INIT(3, words);
    struct fuse_lowlevel_ops operations = reading();
    sqfs_ll_chan channel;
    sqfs_ll *image = sqfs_ll_open(self, offset);
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* so that a killed program leaves no mounted image behind */
    if (!image || sqfs_ll_mount(&channel, folder, &options, &operations, sizeof operations, image) != SQFS_OK)
        _exit(1);
    fuse_set_signal_handlers(channel.session);
    signal(SIGINT, SIG_IGN); /* Ctrl+C is for the app, which may need the image to save what it has */
    if (write(answer, "y", 1) == 1) {
        close(answer);
        fuse_session_loop(channel.session);
    }
    sqfs_ll_unmount(&channel, folder);
    _exit(0);
}

/* Mount the image; the result is the process that serves it, or -1 where that is not possible. */
static pid_t mount_image(const char *self, size_t offset, const char *folder)
{
    int ends[2];
    char said = 'n';
    if (access("/dev/fuse", R_OK | W_OK) || pipe2(ends, O_CLOEXEC))
        return -1;
    pid_t server = fork();
    if (server == 0) {
        close(ends[0]);
        serve(self, offset, folder, ends[1]);
    }
    close(ends[1]);
    if (server > 0 && read(ends[0], &said, 1) != 1)
        said = 'n';
    close(ends[0]);
    if (server > 0 && said != 'y')
        waitpid(server, NULL, 0);
    return said == 'y' ? server : -1;
}

static int run_mounted(const char *folder, const char *self, char **arguments, pid_t server)
{
    int code = run_app(folder, self, arguments);
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
    rmdir(folder);
    return code;
}

static int run_extracted(const char *self, size_t offset, char **arguments)
{
    /* Not /tmp, which is often a part of the memory: 800 MB are written. */
    const char *place = getenv("TMPDIR");
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/calotype-XXXXXX", place ? place : "/var/tmp");
    if (!mkdtemp(folder))
        return complain("cannot make", folder);
    int code = extract(self, offset, folder) ? 1 : run_app(folder, self, arguments);
    nftw(folder, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
    return code;
}

int main(int count, char **arguments)
{
    char self[PATH_MAX], folder[] = "/tmp/.calotype-XXXXXX";
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0)
        return complain("cannot find", arguments[0]);
    self[length] = '\0';
    size_t offset = program_bytes(self);
    const char *wish = count > 1 ? arguments[1] : "";
    bool is_to_extract = getenv("APPIMAGE_EXTRACT_AND_RUN") != NULL;
    if (!strcmp(wish, "--appimage-offset"))
        return printf("%zu\n", offset) < 0;
    if (!strcmp(wish, "--appimage-extract"))
        return extract(self, offset, "squashfs-root");
    if (!strcmp(wish, "--appimage-extract-and-run")) {
        is_to_extract = true;
        arguments[1] = arguments[0];
        arguments++;
    }
    if (!is_to_extract && mkdtemp(folder)) {
        pid_t server = mount_image(self, offset, folder);
        if (server > 0)
            return run_mounted(folder, self, arguments, server);
        rmdir(folder);
        fputs("Calotype: this system cannot mount AppImages (install fuse3 for a quicker start); unpacking …\n", stderr);
    }
    return run_extracted(self, offset, arguments);
}
