#include "regtool/base/partial_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "regtool/base/error.hpp"

namespace regtool::base {

PartialFile::PartialFile(std::filesystem::path final_path, std::string_view key)
    : final_(std::move(final_path)) {
    if (final_.filename().empty() || std::filesystem::is_directory(final_)) {
        throw IoError(final_.string(), "is a folder", 0);
    }
    partial_ = final_.parent_path() / (".regtool-" + std::string(key) + ".part");
    while (!open_locked()) {
    }
}

bool PartialFile::open_locked() {
    constexpr mode_t kOwnerOnly = 0600;
    UniqueFd fd(::open(partial_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                       kOwnerOnly));
    if (!fd.valid()) {
        throw IoError(final_.string(), "cannot create", errno);
    }

    struct stat facts {};

    if (::fstat(fd.get(), &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_uid != ::geteuid()) {
        throw IoError(partial_.string(), "is not a file of ours", 0);
    }
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        throw PartialFileBusy(final_.string());
    }

    // Between opening and locking the other writer may have finished: then this is the final file,
    // which must not be written to.
    struct stat named {};

    if (::lstat(partial_.c_str(), &named) != 0 || named.st_ino != facts.st_ino ||
        named.st_dev != facts.st_dev) {
        return false;
    }
    if (::fstat(fd.get(), &facts) != 0) {
        throw IoError(partial_.string(), "cannot read", errno);
    }
    held_ = static_cast<std::uint64_t>(facts.st_size);
    fd_ = std::move(fd);
    return true;
}

PartialFile::~PartialFile() {
    if (fd_.valid() && !keep_) {
        (void)::unlink(partial_.c_str());  // best effort: the name says whose it is
    }
}

int PartialFile::rewind() {
    if (::lseek(fd_.get(), 0, SEEK_SET) != 0) {
        throw IoError(partial_.string(), "cannot read", errno);
    }
    return fd_.get();
}

void PartialFile::restart() {
    if (::ftruncate(fd_.get(), 0) != 0 || ::lseek(fd_.get(), 0, SEEK_SET) != 0) {
        throw IoError(partial_.string(), "cannot empty", errno);
    }
    held_ = 0;
}

void PartialFile::write(std::span<const std::byte> bytes) {
    constexpr std::size_t kWriteBackBytes = std::size_t{16} << 20;
    write_all(fd_.get(), bytes, final_.string());
    since_write_back_ += bytes.size();
    if (since_write_back_ >= kWriteBackBytes) {
        (void)::sync_file_range(fd_.get(), 0, 0, SYNC_FILE_RANGE_WRITE);  // a hint that may fail
        since_write_back_ = 0;
    }
}

void PartialFile::commit() {
    if (::fchmod(fd_.get(), new_file_mode()) != 0) {
        throw IoError(final_.string(), "cannot set the mode", errno);
    }
    if (::rename(partial_.c_str(), final_.c_str()) != 0) {
        throw IoError(final_.string(), "cannot replace", errno);
    }
    keep_ = true;
    fd_.close(final_.string());
}

unsigned new_file_mode() noexcept {
    // umask(2) can only be read by setting it: once, since the program sets none.
    static const mode_t mask = [] {
        const mode_t found = ::umask(0);
        (void)::umask(found);
        return found;
    }();
    return 0666U & ~mask & 0777U;
}

}  // namespace regtool::base
