#include "store/safe_open.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"

namespace regtool::store {

namespace {

/// What open(2) says to a symbolic link, to a socket, and to another kind where a folder is wanted.
bool is_wrong_kind(int error_number) noexcept {
    return error_number == ELOOP || error_number == ENXIO || error_number == ENOTDIR;
}

struct stat facts_of(int fd, const std::string& where) {
    struct stat facts {};

    if (::fstat(fd, &facts) != 0) {
        throw base::IoError(where, "cannot read", errno);
    }
    return facts;
}

[[noreturn]] void refuse(const std::string& where, const std::string& wanted) {
    throw base::IntegrityError(base::printable(where) + " is not a " + wanted +
                               ": refused, for it may lead elsewhere");
}

std::optional<base::UniqueFd> open_at(int folder,
                                      const std::string& name,
                                      int flags,
                                      const std::string& where,
                                      const std::string& wanted) {
    base::UniqueFd fd(::openat(folder, name.c_str(),
                               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | flags));
    if (fd.valid()) {
        return fd;
    }
    const int reason = errno;
    if (reason == ENOENT) {
        return std::nullopt;
    }
    if (is_wrong_kind(reason)) {
        refuse(where, wanted);
    }
    throw base::IoError(where, "cannot open", reason);
}

}  // namespace

std::optional<base::UniqueFd> open_file_at(int folder,
                                           const std::string& name,
                                           const std::string& where) {
    auto fd = open_at(folder, name, 0, where, "regular file");
    if (fd && !S_ISREG(facts_of(fd->get(), where).st_mode)) {
        refuse(where, "regular file");
    }
    return fd;
}

std::optional<base::UniqueFd> open_folder_at(int folder,
                                             const std::string& name,
                                             const std::string& where) {
    return open_at(folder, name, O_DIRECTORY, where, "folder");
}

base::UniqueFd open_folder(const std::string& path) {
    base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid()) {
        throw base::IoError(path, "cannot open", errno);
    }
    return fd;
}

void make_folder_at(int folder, const std::string& name, const std::string& where) {
    constexpr mode_t kAll = 0777;  // less the umask
    if (::mkdirat(folder, name.c_str(), kAll) != 0 && errno != EEXIST) {
        throw base::IoError(where, "cannot create", errno);
    }
}

void sync_to_disk(int fd, const std::string& where) {
    if (::fsync(fd) != 0 && errno != EINVAL && errno != EROFS) {
        throw base::IoError(where, "cannot write to the disk", errno);
    }
}

std::uint64_t size_of(const base::UniqueFd& file, const std::string& where) {
    return static_cast<std::uint64_t>(facts_of(file.get(), where).st_size);
}

std::string read_small(const base::UniqueFd& file,
                       std::size_t max_bytes,
                       const std::string& where) {
    const std::uint64_t size = size_of(file, where);
    if (size > max_bytes) {
        throw base::IntegrityError(base::printable(where) + " is larger than " +
                                   base::human_size(max_bytes) + ": refused");
    }
    std::string text(static_cast<std::size_t>(size), '\0');
    text.resize(base::read_at(file.get(), std::as_writable_bytes(std::span(text)), 0, where));
    return text;
}

}  // namespace regtool::store
