#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

namespace regtool::base {

/// Owns a file descriptor. The destructor closes silently; `close()` reports.
class UniqueFd {
  public:
    UniqueFd() = default;

    explicit UniqueFd(int fd) noexcept : fd_(fd) {}

    ~UniqueFd();

    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

    UniqueFd& operator=(UniqueFd&& other) noexcept;
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;

    [[nodiscard]] int get() const noexcept { return fd_; }

    [[nodiscard]] bool valid() const noexcept { return fd_ >= 0; }

    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

    /// Throws IoError when close(2) fails (ENOSPC, EIO and EDQUOT show up here on some file
    /// systems).
    void close(const std::string& path_for_message);

  private:
    int fd_ = -1;
};

/// Writes all bytes, repeating on EINTR and short writes. Throws ClosedPipe on EPIPE, IoError
/// otherwise.
void write_all(int fd, std::span<const std::byte> bytes, const std::string& path_for_message);

/// Reads from `offset` on until `out` is full or the file ends, without moving the descriptor's own
/// position, repeating on EINTR and short reads. Returns the number of bytes. Throws IoError.
[[nodiscard]] std::size_t read_at(int fd,
                                  std::span<std::byte> out,
                                  std::uint64_t offset,
                                  const std::string& path_for_message);

/// Reads a whole regular file of at most `max_bytes`. Throws IoError (missing, not a regular file,
/// larger).
[[nodiscard]] std::string read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// $TMPDIR, else /var/tmp (/tmp is often kept in memory), else /tmp.
[[nodiscard]] std::filesystem::path temporary_folder();

/// A file without a name in temporary_folder(), for what does not fit in memory: gone with its
/// descriptor, also when the program is killed. Readable and writable. Throws IoError.
[[nodiscard]] UniqueFd open_unnamed_file();

/// A file that appears under its final name only when `commit()` is called: written beside it as
/// `.regtool-<random>`, mode 0600 until then, renamed at the end, removed by the destructor
/// otherwise. One thread at a time. Throws IoError.
class AtomicFile {
  public:
    enum class Sync { no, yes };

    explicit AtomicFile(std::filesystem::path final_path);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    AtomicFile(AtomicFile&&) = delete;
    AtomicFile& operator=(AtomicFile&&) = delete;

    void write(std::span<const std::byte> bytes);
    /// Takes back what was written after the first `size` bytes.
    void cut(std::uint64_t size);
    /// Sets the mode (default 0644 less the umask), closes, renames over the final name.
    void commit(unsigned mode = 0, Sync sync = Sync::no);

    [[nodiscard]] const std::filesystem::path& temporary_path() const noexcept {
        return temporary_;
    }

  private:
    std::filesystem::path final_;
    std::filesystem::path temporary_;
    UniqueFd fd_;
};

}  // namespace regtool::base
