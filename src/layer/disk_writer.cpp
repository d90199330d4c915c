#include "regtool/layer/disk_writer.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <vector>

#include "overlay_names.hpp"
#include "path_parts.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::layer {

namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr mode_t kOwnerAll = 0700;
constexpr mode_t kModeBits = 07777;
constexpr mode_t kOwnerWrite = 0600;
constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

int open_beneath(int root, const std::string& path) {
    open_how how{};
    how.flags = static_cast<__u64>(kFolderFlags);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    return static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
}

/// The same where the kernel or a sandbox does not know openat2, and for paths longer than it
/// takes.
base::UniqueFd walk_beneath(int root, std::string_view path) {
    std::vector<std::string_view> parts;
    raw_parts(path, parts);
    base::UniqueFd at(::openat(root, ".", kFolderFlags));
    for (const std::string_view part : parts) {
        if (!at.valid()) {
            break;
        }
        at = base::UniqueFd(::openat(at.get(), std::string(part).c_str(), kFolderFlags));
    }
    return at;
}

std::array<timespec, 2> times_of(const Entry& entry) {
    timespec access{};
    access.tv_nsec = UTIME_OMIT;
    timespec change{};
    change.tv_sec = entry.mtime;
    change.tv_nsec = static_cast<long>(entry.mtime_nanoseconds);
    return {access, change};
}

/// Whether a file is found by its name in other letters.
bool folds_case(int folder) {
    const std::string number = std::to_string(::getpid());
    const std::string lower = ".regtool-case-" + number;
    const std::string upper = ".REGTOOL-CASE-" + number;
    const base::UniqueFd probe(
        ::openat(folder, lower.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!probe.valid()) {
        return false;  // what is written next says why
    }
    const bool found = ::faccessat(folder, upper.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    ::unlinkat(folder, lower.c_str(), 0);
    return found;
}

void copy_content(int fd, const std::string& path, stream::Source& content) {
    std::vector<std::byte> block(kBlockBytes);
    while (const std::size_t got = content.read(block)) {
        base::write_all(fd, std::span(block).first(got), path);
    }
}

}  // namespace

DiskWriter::DiskWriter(std::string folder, DiskWriterOptions options)
    : root_path_(std::move(folder)), options_(options), is_root_(::geteuid() == 0) {
    if (::mkdir(root_path_.c_str(), 0777) != 0 && errno != EEXIST) {
        throw base::IoError(root_path_, "cannot make the folder", errno);
    }
    // The folder itself is the user's word: it may be reached through links.
    root_ = base::UniqueFd(::open(root_path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root_.valid()) {
        throw base::IoError(root_path_, "cannot open the folder", errno);
    }
    remembers_ =
        options_.collisions == Collisions::refuse ||
        (options_.collisions == Collisions::refuse_where_case_folds && folds_case(root_.get()));
}

std::string DiskWriter::shown(std::string_view path) const {
    return root_path_ + "/" + std::string(path);
}

base::UniqueFd DiskWriter::open_folder(std::string_view path) const {
    if (path.empty() || path == ".") {
        return walk_beneath(root_.get(), "");
    }
    base::UniqueFd fd;
    if (path.size() < PATH_MAX) {
        fd = base::UniqueFd(open_beneath(root_.get(), std::string(path)));
    } else {
        errno = ENAMETOOLONG;
    }
    if (!fd.valid() && (errno == ENOSYS || errno == EPERM || errno == ENAMETOOLONG)) {
        fd = walk_beneath(root_.get(), path);
    }
    if (!fd.valid()) {
        throw base::IoError(shown(path), "cannot open the folder", errno);
    }
    return fd;
}

DiskWriter::Place DiskWriter::place_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    const std::string_view above =
        slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    if (!parent_.valid() || above != parent_path_) {
        parent_ = open_folder(above);
        parent_path_ = above;
    }
    return {parent_.get(),
            std::string(slash == std::string_view::npos ? path : path.substr(slash + 1))};
}

void DiskWriter::make_room(const Place& place, std::string_view path) const {
    struct stat facts {};

    if (::fstatat(place.folder, place.name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) {
            return;
        }
        throw base::IoError(shown(path), "cannot look at", errno);
    }
    refuse_own(facts.st_dev, facts.st_ino, path);
    const int flags = S_ISDIR(facts.st_mode) ? AT_REMOVEDIR : 0;
    if (::unlinkat(place.folder, place.name.c_str(), flags) != 0 && errno != ENOENT) {
        throw base::IoError(shown(path), "cannot replace", errno);
    }
}

void DiskWriter::refuse_own(dev_t device, ino_t number, std::string_view path) const {
    if (made_.contains({device, number})) {
        base::IntegrityError error(
            "'" + base::printable(shown(path), 200) +
            "' would take the place of another file of the image: the file system takes both names "
            "for one");
        error.set_hint(
            "write to a file system where case counts; --allow-collisions lets the last one win");
        throw error;
    }
}

void DiskWriter::remember(int fd, std::string_view path) {
    struct stat facts {};

    if (!remembers_) {
        return;
    }
    if (::fstat(fd, &facts) != 0) {
        throw base::IoError(shown(path), "cannot look at", errno);
    }
    made_.emplace(facts.st_dev, facts.st_ino);
}

void DiskWriter::remember(const Place& place, std::string_view path) {
    if (remembers_) {
        const base::UniqueFd made(
            ::openat(place.folder, place.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        remember(made.get(), path);
    }
}

bool DiskWriter::begin_folder(std::string_view path) {
    if (path == ".") {
        return false;
    }
    const Place place = place_of(path);
    if (::mkdirat(place.folder, place.name.c_str(), kOwnerAll) == 0) {
        remember(place, path);
        return true;
    }
    const int reason = errno;
    const base::UniqueFd there(::openat(place.folder, place.name.c_str(), kFolderFlags));
    if (reason == EEXIST && there.valid()) {
        struct stat facts {};

        if (::fstat(there.get(), &facts) == 0) {
            refuse_own(facts.st_dev, facts.st_ino, path);
            // An earlier run may have left it without write access.
            if ((facts.st_mode & kOwnerAll) != kOwnerAll &&
                ::fchmod(there.get(), kOwnerAll) == 0) {  // else making files in it tells
                modes_before_.emplace(path, facts.st_mode & kModeBits);
            }
        }
        remember(there.get(), path);
        return false;
    }
    make_room(place, path);
    if (::mkdirat(place.folder, place.name.c_str(), kOwnerAll) != 0) {
        throw base::IoError(shown(path), "cannot make the folder", errno);
    }
    remember(place, path);
    return true;
}

void DiskWriter::end_folder(std::string_view path, const Entry& entry) {
    const base::UniqueFd fd = open_folder(path);
    set_attributes(fd.get(), path, entry);
}

void DiskWriter::leave_folder(std::string_view path) {
    const auto before = modes_before_.find(path);
    if (before != modes_before_.end() && ::fchmod(open_folder(path).get(), before->second) != 0) {
        throw base::IoError(shown(path), "cannot set the mode", errno);
    }
}

void DiskWriter::file(std::string_view path, const Entry& entry, stream::Source& content) {
    const Place place = place_of(path);
    make_room(place, path);
    base::UniqueFd fd(::openat(place.folder, place.name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnerWrite));
    if (!fd.valid()) {
        throw base::IoError(shown(path), "cannot create", errno);
    }
    try {
        copy_content(fd.get(), shown(path), content);
    } catch (...) {
        (void)::unlinkat(place.folder, place.name.c_str(), 0);  // half of it helps nobody
        throw;
    }
    set_attributes(fd.get(), path, entry);
    remember(fd.get(), path);
    fd.close(shown(path));
    ++counts_.files;
}

void DiskWriter::link(std::string_view path, std::string_view target) {
    const std::size_t slash = target.rfind('/');
    const base::UniqueFd from =
        open_folder(slash == std::string_view::npos ? std::string_view() : target.substr(0, slash));
    const std::string name(slash == std::string_view::npos ? target : target.substr(slash + 1));
    const Place place = place_of(path);
    make_room(place, path);
    if (::linkat(from.get(), name.c_str(), place.folder, place.name.c_str(), 0) != 0) {
        throw base::IoError(shown(path), "cannot link", errno);
    }
    ++counts_.files;
}

void DiskWriter::other(std::string_view path, const Entry& entry) {
    switch (entry.type) {
        case EntryType::symlink:
            break;
        case EntryType::char_device:
        case EntryType::block_device:
        case EntryType::fifo:
            if (is_root_ && options_.devices) {
                make_node(place_of(path), path, entry);
            } else {
                ++counts_.devices;
            }
            return;
        case EntryType::file:
        case EntryType::directory:
        case EntryType::hardlink:
        case EntryType::socket:
        case EntryType::other:
            ++counts_.sockets;
            return;
    }
    const Place place = place_of(path);
    make_room(place, path);
    if (::symlinkat(entry.link_target.c_str(), place.folder, place.name.c_str()) != 0) {
        throw base::IoError(shown(path), "cannot make the link", errno);
    }
    set_link_attributes(place, path, entry);
    remember(place, path);
    ++counts_.files;
}

void DiskWriter::make_node(const Place& place, std::string_view path, const Entry& entry) {
    make_room(place, path);
    const mode_t type = entry.type == EntryType::fifo          ? S_IFIFO
                        : entry.type == EntryType::char_device ? S_IFCHR
                                                               : S_IFBLK;
    if (::mknodat(place.folder, place.name.c_str(), type | kOwnerWrite,
                  makedev(entry.device_major, entry.device_minor)) != 0) {
        throw base::IoError(shown(path), "cannot make the device", errno);
    }
    set_link_attributes(place, path, entry);
    // By way of a descriptor that stands for the object itself: fchmodat follows links, which
    // somebody could put there in the meantime.
    const base::UniqueFd made(
        ::openat(place.folder, place.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));

    struct stat facts {};

    const bool is_ours =
        made.valid() && ::fstat(made.get(), &facts) == 0 && (facts.st_mode & S_IFMT) == type;
    const std::string handle = "/proc/self/fd/" + std::to_string(made.get());
    if (!is_ours || ::chmod(handle.c_str(), mode_of(entry)) != 0) {
        throw base::IoError(shown(path), "cannot set the mode", errno);
    }
    remember(made.get(), path);
    ++counts_.files;
}

unsigned DiskWriter::mode_of(const Entry& entry) const {
    constexpr unsigned kPlainBits = 0777;
    return is_root_ || options_.special_bits ? entry.mode : entry.mode & kPlainBits;  // LAY-22
}

template <class Set>
void DiskWriter::set_xattrs(const Entry& entry, const Set& set) {
    for (const auto& [name, value] : entry.xattrs) {
        if (!is_overlays_own(name) && set(name.c_str(), value) != 0) {
            ++counts_.xattrs;  // not everywhere, and not for everyone (LAY-17)
        }
    }
}

void DiskWriter::set_link_attributes(const Place& place,
                                     std::string_view path,
                                     const Entry& entry) {
    if (is_root_ && ::fchownat(place.folder, place.name.c_str(), static_cast<uid_t>(entry.uid),
                               static_cast<gid_t>(entry.gid), AT_SYMLINK_NOFOLLOW) != 0) {
        throw base::IoError(shown(path), "cannot set the owner", errno);
    }
    const std::string handle = "/proc/self/fd/" + std::to_string(place.folder) + "/" + place.name;
    set_xattrs(entry, [&handle](const char* name, const std::string& value) {
        return ::lsetxattr(handle.c_str(), name, value.data(), value.size(), 0);
    });
    const auto times = times_of(entry);
    if (::utimensat(place.folder, place.name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0) {
        throw base::IoError(shown(path), "cannot set the time", errno);
    }
}

/// The owner first: changing it takes setuid bits and capabilities away.
void DiskWriter::set_attributes(int fd, std::string_view path, const Entry& entry) {
    if (is_root_ &&
        ::fchown(fd, static_cast<uid_t>(entry.uid), static_cast<gid_t>(entry.gid)) != 0) {
        throw base::IoError(shown(path), "cannot set the owner", errno);
    }
    set_xattrs(entry, [fd](const char* name, const std::string& value) {
        return ::fsetxattr(fd, name, value.data(), value.size(), 0);
    });
    if (::fchmod(fd, mode_of(entry)) != 0) {
        throw base::IoError(shown(path), "cannot set the mode", errno);
    }
    const auto times = times_of(entry);
    if (::futimens(fd, times.data()) != 0) {
        throw base::IoError(shown(path), "cannot set the time", errno);
    }
}

}  // namespace regtool::layer
