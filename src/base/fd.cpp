#include "regtool/base/fd.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "regtool/base/error.hpp"
#include "regtool/base/partial_file.hpp"

namespace regtool::base {

UniqueFd::~UniqueFd() {
    if (fd_ >= 0) {
        (void)::close(fd_);  // silent by contract: close() reports
    }
}

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) {
            (void)::close(fd_);
        }
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

void UniqueFd::close(const std::string& path_for_message) {
    const int fd = std::exchange(fd_, -1);
    if (fd >= 0 && ::close(fd) != 0 && errno != EINTR) {
        throw IoError(path_for_message, "cannot finish writing", errno);
    }
}

void write_all(int fd, std::span<const std::byte> bytes, const std::string& path_for_message) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            if (errno == EPIPE) {
                throw ClosedPipe();
            }
            throw IoError(path_for_message, "cannot write", errno);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

std::size_t read_at(int fd,
                    std::span<std::byte> out,
                    std::uint64_t offset,
                    const std::string& path_for_message) {
    std::size_t filled = 0;
    while (filled < out.size()) {
        const auto rest = out.subspan(filled);
        const ssize_t got =
            ::pread(fd, rest.data(), rest.size(), static_cast<off_t>(offset + filled));
        if (got == 0) {
            break;
        }
        if (got > 0) {
            filled += static_cast<std::size_t>(got);
        } else if (errno != EINTR) {
            throw IoError(path_for_message, "cannot read", errno);
        }
    }
    return filled;
}

namespace {

/// Its size.
std::uint64_t require_regular(int fd, const std::string& path) {
    struct stat facts {};

    if (::fstat(fd, &facts) != 0) {
        throw IoError(path, "cannot read", errno);
    }
    if (S_ISDIR(facts.st_mode)) {
        throw IoError(path, "is a folder", 0);
    }
    if (!S_ISREG(facts.st_mode)) {
        throw IoError(path, "is not a regular file", 0);
    }
    return static_cast<std::uint64_t>(facts.st_size);
}

std::string random_name() {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::array<unsigned char, 16> random{};
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
        throw IoError("getrandom", "cannot make a temporary name", errno);
    }
    std::string name = ".regtool-";
    for (const unsigned char byte : random) {
        name += kDigits[byte >> 4U];
        name += kDigits[byte & 15U];
    }
    return name;
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::size_t max_bytes) {
    // O_NONBLOCK: a FIFO in place of a file must not hang the open.
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd.valid()) {
        throw IoError(path.string(), "cannot open", errno);
    }
    const std::uint64_t size = require_regular(fd.get(), path.string());
    std::string text;
    text.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(size, max_bytes)));
    std::array<char, 65536> block{};
    for (;;) {
        const ssize_t got = ::read(fd.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            throw IoError(path.string(), "cannot read", errno);
        }
        if (got == 0) {
            return text;
        }
        text.append(block.data(), static_cast<std::size_t>(got));
        if (text.size() > max_bytes) {
            throw IoError(path.string(), "is larger than " + std::to_string(max_bytes) + " bytes",
                          0);
        }
    }
}

std::filesystem::path temporary_folder() {
    const char* chosen = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): none sets it
    if (chosen != nullptr && *chosen != '\0') {
        return chosen;
    }
    std::error_code ignored;
    return std::filesystem::is_directory("/var/tmp", ignored) ? "/var/tmp" : "/tmp";
}

UniqueFd open_unnamed_file() {
    const std::filesystem::path folder = temporary_folder();
    constexpr mode_t kOwnerOnly = 0600;
    UniqueFd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kOwnerOnly));
    if (fd.valid()) {
        return fd;
    }
    // File systems without O_TMPFILE: a name for the blink of an eye.
    const std::filesystem::path path = folder / random_name();
    fd = UniqueFd(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly));
    if (!fd.valid()) {
        IoError error(folder.string(), "cannot make a temporary file", errno);
        error.set_hint("set TMPDIR to a folder with space");
        throw error;
    }
    (void)::unlink(path.c_str());  // best effort: the name says whose it is
    return fd;
}

AtomicFile::AtomicFile(std::filesystem::path final_path) : final_(std::move(final_path)) {
    if (final_.filename().empty() || std::filesystem::is_directory(final_)) {
        throw IoError(final_.string(), "is a folder", 0);
    }
    temporary_ = final_.parent_path() / random_name();
    constexpr mode_t kOwnerOnly = 0600;
    fd_ = UniqueFd(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                          kOwnerOnly));
    if (!fd_.valid()) {
        const int reason = errno;
        temporary_.clear();
        throw IoError(final_.string(), "cannot create", reason);
    }
}

AtomicFile::~AtomicFile() {
    if (!temporary_.empty()) {
        (void)::unlink(temporary_.c_str());  // best effort: the name says whose it is
    }
}

void AtomicFile::write(std::span<const std::byte> bytes) {
    write_all(fd_.get(), bytes, final_.string());
}

void AtomicFile::cut(std::uint64_t size) {
    const auto end = static_cast<off_t>(size);
    if (::ftruncate(fd_.get(), end) != 0 || ::lseek(fd_.get(), end, SEEK_SET) < 0) {
        throw IoError(final_.string(), "cannot write", errno);
    }
}

void AtomicFile::commit(unsigned mode, Sync sync) {
    const mode_t wanted = mode == 0 ? new_file_mode() : mode;
    if (::fchmod(fd_.get(), wanted) != 0) {
        throw IoError(final_.string(), "cannot set the mode", errno);
    }
    if (sync == Sync::yes && ::fsync(fd_.get()) != 0) {
        throw IoError(final_.string(), "cannot write to the disk", errno);
    }
    fd_.close(final_.string());
    if (::rename(temporary_.c_str(), final_.c_str()) != 0) {
        throw IoError(final_.string(), "cannot replace", errno);
    }
    temporary_.clear();
}

}  // namespace regtool::base
