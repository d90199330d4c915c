#pragma once

#include <string>

#include "serve/storage.hpp"

namespace regtool::serve {

/// A blob on its way into a folder: `.regtool-upload-<random>` in it, mode 0600 and locked, so that
/// a later run can tell the file of a killed one from that of a running one.
class IncomingFile final : public IncomingBlob {
  public:
    /// `folder` is borrowed and must outlive the object; `folder_path` is for messages.
    IncomingFile(int folder, std::string folder_path);
    ~IncomingFile() override;
    IncomingFile(const IncomingFile&) = delete;
    IncomingFile& operator=(const IncomingFile&) = delete;
    IncomingFile(IncomingFile&&) = delete;
    IncomingFile& operator=(IncomingFile&&) = delete;

    void append(std::span<const std::byte> bytes) override;

    [[nodiscard]] int fd() const noexcept override { return fd_.get(); }

    [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }

    /// Writes it to the disk and gives it its name, replacing what has it.
    void rename_to(const std::string& path);

  private:
    int folder_;
    std::string path_;
    std::string name_;
    base::UniqueFd fd_;
    std::uint64_t size_ = 0;
};

/// Removes the files that killed runs left.
void remove_stale_incoming_files(int folder);

}  // namespace regtool::serve
