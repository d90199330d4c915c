#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "regtool/layer/layer_reader.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::layer {

/// Writes one tar (ustar, with PAX headers for what ustar cannot say) into a sink that it borrows.
/// The same entries give the same bytes. One thread at a time; memory is one block. Throws
/// InvalidDocument for an entry that no tar can hold, and whatever the sink throws.
class TarWriter {
  public:
    explicit TarWriter(stream::Sink& sink);
    ~TarWriter();
    TarWriter(const TarWriter&) = delete;
    TarWriter& operator=(const TarWriter&) = delete;
    TarWriter(TarWriter&&) = delete;
    TarWriter& operator=(TarWriter&&) = delete;

    /// For files just entry.size bytes of content follow. Sockets and other types that a tar does
    /// not know are the caller's to leave out.
    void begin(const Entry& entry);
    void content(std::span<const std::byte> bytes);
    /// Ends the entry: all of it has reached the sink, and another writer could go on from here.
    /// Else the next entry does it.
    void end();
    /// Ends the last entry and the archive. Without it the archive is cut.
    void finish();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace regtool::layer
