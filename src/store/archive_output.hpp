#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "regtool/base/output_file.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::store {

/// Where an archive goes. A file appears under its name when it is committed; standard output
/// (`-`), pipes and devices are written straight. One thread at a time. Throws IoError, ClosedPipe.
class ArchiveOutput final : public stream::Sink {
  public:
    explicit ArchiveOutput(const std::string& path);

    void write(std::span<const std::byte> bytes) override;

    /// Bytes so far.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// Takes back what was written after the first `size` bytes; false where that cannot be done.
    [[nodiscard]] bool cut(std::uint64_t size);
    /// Puts the file in its place, whole and on the disk.
    void commit();

  private:
    std::string where_;
    std::optional<base::OutputFile> named_;
    base::UniqueFd stdout_;  ///< in use where there is no named_
    std::uint64_t size_ = 0;
};

/// Throws UsageError where `-` is a terminal.
void require_archive_output(const std::string& path);

}  // namespace regtool::store
