#include "serve/incoming_file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "regtool/base/error.hpp"
#include "serve/random_id.hpp"
#include "serve/refusal.hpp"

namespace regtool::serve {

namespace {

constexpr std::string_view kPrefix = ".regtool-upload-";
constexpr mode_t kOwnerOnly = 0600;
/// Umask 022, as everybody's: the process's own cannot be read without setting it, which other
/// threads would notice.
constexpr mode_t kEverybodyReads = 0644;

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { (void)::closedir(folder); }
};

bool is_no_room(int error_number) noexcept {
    return error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
}

[[noreturn]] void throw_write_failure(const std::string& path, int error_number) {
    if (is_no_room(error_number)) {
        throw Refusal(507, code::kDenied, "the registry's disk is full");
    }
    throw base::IoError(path, "cannot write", error_number);
}

}  // namespace

IncomingFile::IncomingFile(int folder, std::string folder_path)
    : folder_(folder),
      path_(std::move(folder_path)),
      name_(std::string(kPrefix) + random_id()),
      fd_(::openat(
          folder, name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly)) {
    if (!fd_.valid()) {
        const int reason = errno;
        name_.clear();
        throw_write_failure(path_, reason);
    }
    (void)::flock(fd_.get(), LOCK_EX | LOCK_NB);  // nobody else knows the name yet
}

IncomingFile::~IncomingFile() {
    if (!name_.empty()) {
        (void)::unlinkat(folder_, name_.c_str(), 0);  // best effort: the next start removes it
    }
}

void IncomingFile::append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written =
            ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            throw_write_failure(path_, errno);
        }
        size_ += static_cast<std::uint64_t>(written);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void IncomingFile::rename_to(const std::string& path) {
    if (::fchmod(fd_.get(), kEverybodyReads) != 0) {
        throw base::IoError(path, "cannot set the mode", errno);
    }
    if (::fsync(fd_.get()) != 0 ||
        ::renameat(folder_, name_.c_str(), AT_FDCWD, path.c_str()) != 0) {
        throw_write_failure(path, errno);
    }
    name_.clear();
}

void remove_stale_incoming_files(int folder) {
    base::UniqueFd copy(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::unique_ptr<DIR, CloseFolder> listing(copy.valid() ? ::fdopendir(copy.get())
                                                                 : nullptr);
    if (!listing) {
        return;
    }
    (void)copy.release();  // closedir closes it
    std::vector<std::string> names;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): each DIR is read by one thread
    while (const dirent* entry = ::readdir(listing.get())) {
        const std::string name = entry->d_name;
        if (name.starts_with(kPrefix)) {
            names.push_back(name);
        }
    }
    for (const std::string& name : names) {
        const base::UniqueFd file(
            ::openat(folder, name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        if (file.valid() && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
            (void)::unlinkat(folder, name.c_str(), 0);  // best effort: only room is lost
        }
    }
}

}  // namespace regtool::serve
