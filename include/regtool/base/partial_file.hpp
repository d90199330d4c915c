#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"

namespace regtool::base {

/// Another process, or another PartialFile of this one, is writing the same content now.
class PartialFileBusy : public IoError {
  public:
    explicit PartialFileBusy(std::string path)
        : IoError(std::move(path), "is being written by another regtool", 0) {}
};

/// A large file that appears under its final name only when whole, and whose beginning survives a
/// killed run: written beside it as `.regtool-<key>.part`, mode 0600, locked against a second
/// writer. The next run with the same key finds what is there. The destructor removes it unless it
/// was committed or kept. One thread at a time. Throws IoError.
class PartialFile {
  public:
    /// `key` names the content (a digest's hex), so that another content never continues this one.
    /// Throws PartialFileBusy.
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
    /// Appends. The disk is kept busy meanwhile, so that whoever waits for it at the end waits
    /// little.
    void write(std::span<const std::byte> bytes);

    /// What was written so far stays for the next run.
    void keep() noexcept { keep_ = true; }

    void commit();

  private:
    /// False when the file that was locked has another name meanwhile.
    [[nodiscard]] bool open_locked();

    std::filesystem::path final_;
    std::filesystem::path partial_;
    UniqueFd fd_;
    std::uint64_t held_ = 0;
    std::size_t since_write_back_ = 0;
    bool keep_ = false;
};

/// The mode of a new file: 0666 less the umask. Call it first before there are threads: the umask
/// can only be read by setting it.
[[nodiscard]] unsigned new_file_mode() noexcept;

}  // namespace regtool::base
