#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>

#include "regtool/layer/layer_toc.hpp"
#include "regtool/store/image_store.hpp"
#include "regtool/stream/compress.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::ops {

/// Stored bytes of one layer, read forwards. Who goes on where the last request ended gets more
/// with each further one, so that many small files next to each other do not cost a request each.
class LayerRun {
  public:
    /// Requests go beyond what is wanted only up to `ahead_end`. Borrows the store.
    LayerRun(store::ImageStore& store,
             model::Digest layer,
             std::uint64_t ahead_end,
             store::BytesArrived arrived,
             std::stop_token stop);

    /// read() goes on at `first`; what is before `end` is wanted for sure.
    void seek(std::uint64_t first, std::uint64_t end);
    /// As Source::read; 0 at the end of what was asked for.
    [[nodiscard]] std::size_t read(std::span<std::byte> out);

  private:
    [[nodiscard]] bool passes_over_to(std::uint64_t first);

    store::ImageStore& store_;
    model::Digest layer_;
    std::uint64_t ahead_end_;
    store::BytesArrived arrived_;
    std::stop_token stop_;
    std::unique_ptr<stream::Source> source_;
    std::uint64_t at_ = 0;   ///< of the next byte that source_ gives
    std::uint64_t end_ = 0;  ///< of source_
    std::uint64_t ahead_ = 0;
};

/// Reads files of a layer by its table of contents: only the stored bytes that hold them, each
/// piece held back until its hash was found right. One thread at a time. Borrows the store.
class TocReader {
  public:
    TocReader(store::ImageStore& store,
              const model::Digest& layer,
              std::shared_ptr<const layer::LayerToc> toc,
              store::BytesArrived arrived,
              const std::stop_token& stop);

    /// The content of an entry, none for anything but files; what was opened before must not be
    /// read any more. Nothing is fetched before it is read. Throws IntegrityError for bytes that
    /// are not what the table says. Borrows the reader.
    [[nodiscard]] std::unique_ptr<stream::Source> open(std::size_t entry);

  private:
    friend class TocFileSource;

    [[nodiscard]] std::unique_ptr<stream::Source> load(const layer::TocChunk& chunk,
                                                       std::uint64_t wanted_end);
    void begin_member(const layer::TocChunk& chunk, std::uint64_t wanted_end);
    void unpack(std::uint64_t count, stream::Sink& sink);

    std::shared_ptr<const layer::LayerToc> toc_;
    LayerRun run_;
    // The gzip member or zstd frame that is being unpacked: the next piece may lie further in it.
    std::unique_ptr<stream::DecompressingSource> member_;
    std::uint64_t member_packed_ = 0;
    std::uint64_t member_at_ = 0;  ///< unpacked so far
};

}  // namespace regtool::ops
