#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "regtool/base/fd.hpp"

namespace regtool::base {

/// A large file that appears under its final name only when whole, and whose beginning survives a
/// killed run: written beside it as `.regtool-<key>.part`, mode 0600, locked against a second
/// writer. The next run with the same key finds what is there. The destructor removes it unless it
/// was committed or kept. One thread at a time. Throws IoError.
class PartialFile {
  public:
    /// `key` names the content (a digest's hex), so that another content never continues this one.
    PartialFile(std::filesystem::path final_path, std::string_view key);
    ~PartialFile();
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;
    PartialFile(PartialFile&&) = delete;
    PartialFile& operator=(PartialFile&&) = delete;

    /// Bytes from an earlier run; 0 after restart().
    [[nodiscard]] std::uint64_t held() const noexcept { return held_; }

    /// For reading what is held, from its first byte. Borrowed.
    [[nodiscard]] int rewind();
    /// Forgets what is there.
    void restart();
    /// Appends.
    void write(std::span<const std::byte> bytes);

    /// What was written so far stays for the next run.
    void keep() noexcept { keep_ = true; }

    void commit();

  private:
    std::filesystem::path final_;
    std::filesystem::path partial_;
    UniqueFd fd_;
    std::uint64_t held_ = 0;
    bool keep_ = false;
};

/// The mode of a new file: 0666 less the umask. Call from one thread.
[[nodiscard]] unsigned new_file_mode() noexcept;

}  // namespace regtool::base
