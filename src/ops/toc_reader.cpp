#include "toc_reader.hpp"

#include <algorithm>
#include <vector>

#include "held_bytes.hpp"
#include "layer_source.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/hash.hpp"

namespace regtool::ops {

namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} << 10;
/// Cheaper to read over than to ask anew.
constexpr std::uint64_t kPassedOver = std::uint64_t{64} << 10;
constexpr std::uint64_t kFirstAhead = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostAhead = std::uint64_t{32} << 20;

/// The next so many bytes of a run.
class RunPart final : public stream::Source {
  public:
    RunPart(LayerRun& run, std::uint64_t bytes) : run_(run), left_(bytes) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        const std::uint64_t wanted = std::min<std::uint64_t>(out.size(), left_);
        const std::size_t got = wanted == 0 ? 0 : run_.read(out.first(wanted));
        left_ -= got;
        return got;
    }

  private:
    LayerRun& run_;
    std::uint64_t left_;
};

class HoleSource final : public stream::Source {
  public:
    explicit HoleSource(std::uint64_t bytes) : left_(bytes) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left_));
        std::fill_n(out.begin(), count, std::byte{0});
        left_ -= count;
        return count;
    }

  private:
    std::uint64_t left_;
};

/// Hashes what it passes on.
class HashingSink final : public stream::Sink {
  public:
    explicit HashingSink(stream::Sink& next) : next_(next) {}

    void write(std::span<const std::byte> bytes) override {
        hasher_.update(bytes);
        next_.write(bytes);
    }

    [[nodiscard]] std::array<std::byte, 32> finish() {
        return *layer::sha256_bytes(
            model::Digest::from_hex(base::HashAlgorithm::sha256, hasher_.finish_hex()));
    }

  private:
    stream::Sink& next_;
    base::Hasher hasher_{base::HashAlgorithm::sha256};
};

}  // namespace

LayerRun::LayerRun(store::ImageStore& store,
                   model::Digest layer,
                   std::uint64_t ahead_end,
                   store::BytesArrived arrived,
                   std::stop_token stop)
    : store_(store),
      layer_(std::move(layer)),
      ahead_end_(ahead_end),
      arrived_(std::move(arrived)),
      stop_(std::move(stop)) {}

void LayerRun::seek(std::uint64_t first, std::uint64_t end) {
    const bool goes_on = source_ != nullptr && first >= at_ && first - at_ <= kPassedOver;
    if (goes_on && end <= end_ && passes_over_to(first)) {
        return;
    }
    ahead_ = goes_on ? std::clamp(2 * ahead_, kFirstAhead, kMostAhead) : 0;
    at_ = first;
    end_ = std::max(end, std::min(first + ahead_, ahead_end_));
    source_ = open_range(store_, layer_, at_, end_ - at_, arrived_, stop_);
}

bool LayerRun::passes_over_to(std::uint64_t first) {
    std::vector<std::byte> block(first - at_);
    while (at_ < first) {
        if (read(std::span(block).first(first - at_)) == 0) {
            return false;
        }
    }
    return true;
}

std::size_t LayerRun::read(std::span<std::byte> out) {
    const std::size_t got = source_->read(out);
    at_ += got;
    return got;
}

/// The pieces of one file, one after another.
class TocFileSource final : public stream::Source {
  public:
    TocFileSource(TocReader& reader, std::span<const layer::TocChunk> chunks)
        : reader_(reader), ahead_(chunks) {
        for (const layer::TocChunk& chunk : chunks) {
            wanted_end_ = std::max(wanted_end_, chunk.zeros ? 0 : chunk.packed_end);
        }
    }

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        for (;;) {
            if (piece_) {
                if (const std::size_t got = piece_->read(out); got != 0) {
                    return got;
                }
                piece_.reset();
            }
            if (ahead_.empty()) {
                return 0;
            }
            piece_ = reader_.load(ahead_.front(), wanted_end_);
            ahead_ = ahead_.subspan(1);
        }
    }

  private:
    TocReader& reader_;
    std::span<const layer::TocChunk> ahead_;
    std::uint64_t wanted_end_ = 0;
    std::unique_ptr<stream::Source> piece_;
};

TocReader::TocReader(store::ImageStore& store,
                     const model::Digest& layer,
                     std::shared_ptr<const layer::LayerToc> toc,
                     store::BytesArrived arrived,
                     const std::stop_token& stop)
    : toc_(std::move(toc)), run_(store, layer, toc_->data_end(), std::move(arrived), stop) {}

std::unique_ptr<stream::Source> TocReader::open(std::size_t entry) {
    return std::make_unique<TocFileSource>(*this, toc_->chunks(entry));
}

void TocReader::begin_member(const layer::TocChunk& chunk, std::uint64_t wanted_end) {
    member_.reset();  // it reads from the run
    run_.seek(chunk.packed, std::max(chunk.packed_end, wanted_end));
    member_ = std::make_unique<stream::DecompressingSource>(
        std::make_unique<RunPart>(run_, chunk.packed_end - chunk.packed));
    member_packed_ = chunk.packed;
    member_at_ = 0;
}

void TocReader::unpack(std::uint64_t count, stream::Sink& sink) {
    std::vector<std::byte> block(kBlockBytes);
    while (count > 0) {
        const std::size_t got = member_->read(std::span(block).first(
            static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), count))));
        if (got == 0) {
            throw base::InvalidDocument("there is less than there should be");
        }
        sink.write(std::span(block).first(got));
        member_at_ += got;
        count -= got;
    }
}

std::unique_ptr<stream::Source> TocReader::load(const layer::TocChunk& chunk,
                                                std::uint64_t wanted_end) {
    if (chunk.zeros) {
        return std::make_unique<HoleSource>(chunk.bytes);
    }
    HeldBytes held;
    HashingSink hashing(held);
    try {
        if (!member_ || chunk.packed != member_packed_ || chunk.inner < member_at_) {
            begin_member(chunk, wanted_end);
        }
        stream::NullSink nowhere;
        unpack(chunk.inner - member_at_, nowhere);
        unpack(chunk.bytes, hashing);
    } catch (const base::InvalidDocument& error) {
        throw base::IntegrityError("what the layer holds at byte " + std::to_string(chunk.packed) +
                                   " is not what its table of contents says: " + error.message());
    }
    if (hashing.finish() != chunk.hash) {
        throw base::IntegrityError("what the layer holds at byte " + std::to_string(chunk.packed) +
                                   " does not have the hash that its table of contents says");
    }
    return held.take();
}

}  // namespace regtool::ops
