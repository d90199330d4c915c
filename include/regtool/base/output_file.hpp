#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>

#include "regtool/base/fd.hpp"

namespace regtool::base {

/// Whether a rename would put a file in the place of something else: a device, a pipe, or what
/// stands for an open descriptor, such as /dev/stdout.
[[nodiscard]] bool is_written_straight(const std::filesystem::path& path);

/// What a user named to write to: a file that appears only when commit() is called, as AtomicFile
/// has it, or a device or pipe, which is written straight. Not for names that a stranger may have
/// given: opening a pipe waits for who reads it. One thread at a time. Throws IoError.
class OutputFile {
  public:
    explicit OutputFile(std::filesystem::path path);

    void write(std::span<const std::byte> bytes);
    void commit(AtomicFile::Sync sync = AtomicFile::Sync::no);

    /// nullptr where what was written cannot be taken back.
    [[nodiscard]] AtomicFile* file() noexcept { return file_ ? &*file_ : nullptr; }

  private:
    std::filesystem::path path_;
    std::optional<AtomicFile> file_;
    UniqueFd straight_;  ///< in use where there is no file_
};

}  // namespace regtool::base
