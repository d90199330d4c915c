#pragma once

#include <cstddef>
#include <span>

#include "regtool/stream/source.hpp"

namespace regtool::stream {

/// Hands on to whatever has write(bytes), such as base::AtomicFile or a BoundedPipe, which it
/// borrows.
template <class File>
class WritingSink final : public Sink {
  public:
    explicit WritingSink(File& file) : file_(file) {}

    void write(std::span<const std::byte> bytes) override { file_.write(bytes); }

  private:
    File& file_;
};

}  // namespace regtool::stream
