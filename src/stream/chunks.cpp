#include "regtool/stream/chunks.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::stream {

namespace {

unsigned digit(char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
}

std::string finish_raw(base::Hasher& hasher) {
    const std::string hex = hasher.finish_hex();
    std::string raw;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        raw += static_cast<char>(digit(hex[i]) << 4U | digit(hex[i + 1]));
    }
    return raw;
}

}  // namespace

bool ChunkHashes::complete() const noexcept {
    const std::uint64_t chunks = blob_bytes / kChunkBytes + (blob_bytes % kChunkBytes != 0 ? 1 : 0);
    return hashes.size() % kChunkHashBytes == 0 && hashes.size() / kChunkHashBytes == chunks;
}

ByteSpan ChunkHashes::chunk(std::size_t chunk) const noexcept {
    if (!cuts.empty()) {
        return cuts[chunk];
    }
    const std::uint64_t begin = std::uint64_t{chunk} * kChunkBytes;
    return {begin, std::min(begin + kChunkBytes, blob_bytes)};
}

std::optional<ChunkRun> ChunkHashes::covering(ByteSpan bytes) const noexcept {
    std::size_t first = bytes.begin / kChunkBytes;
    std::size_t last = bytes.end == 0 ? 0 : (bytes.end - 1) / kChunkBytes;
    if (!cuts.empty()) {
        const auto after = std::upper_bound(
            cuts.begin(), cuts.end(), bytes.begin,
            [](std::uint64_t byte, const ByteSpan& cut) { return byte < cut.begin; });
        const auto final = std::lower_bound(
            cuts.begin(), cuts.end(), bytes.end,
            [](const ByteSpan& cut, std::uint64_t byte) { return cut.end < byte; });
        if (after == cuts.begin()) {
            return std::nullopt;
        }
        first = static_cast<std::size_t>(after - cuts.begin()) - 1;
        last = static_cast<std::size_t>(final - cuts.begin());
    }
    if (bytes.begin >= bytes.end || first > last || last >= count()) {
        return std::nullopt;
    }
    return ChunkRun{first, {chunk(first).begin, chunk(last).end}};
}

void ChunkHashingSink::write(std::span<const std::byte> bytes) {
    next_.write(bytes);
    while (!bytes.empty()) {
        if (!hasher_) {
            hasher_.emplace(base::HashAlgorithm::sha256);
        }
        const auto part = bytes.first(std::min(bytes.size(), kChunkBytes - in_chunk_));
        hasher_->update(part);
        in_chunk_ += part.size();
        result_.blob_bytes += part.size();
        bytes = bytes.subspan(part.size());
        if (in_chunk_ == kChunkBytes) {
            end_chunk();
        }
    }
}

void ChunkHashingSink::end_chunk() {
    result_.hashes += finish_raw(*hasher_);
    hasher_.reset();
    in_chunk_ = 0;
}

ChunkHashes ChunkHashingSink::finish() {
    if (in_chunk_ != 0) {
        end_chunk();
    }
    return std::move(result_);
}

ChunkVerifyingSource::ChunkVerifyingSource(std::unique_ptr<Source> inner,
                                           const ChunkHashes& expected,
                                           std::size_t first_chunk)
    : inner_(std::move(inner)),
      expected_(expected),
      chunk_(first_chunk),
      at_(first_chunk < expected.count() ? expected.chunk(first_chunk).begin : 0) {}

void ChunkVerifyingSource::read_until(std::size_t end) {
    buffer_.resize(std::max(buffer_.size(), end));
    while (!ended_ && end_ < end) {
        const std::size_t count = inner_->read({buffer_.data() + end_, end - end_});
        ended_ = count == 0;
        end_ += count;
        at_ += count;
    }
}

void ChunkVerifyingSource::next_chunk() {
    const bool known = chunk_ < expected_.count();
    const ByteSpan place = known ? expected_.chunk(chunk_) : ByteSpan{at_, at_ + 1};
    // The last bytes of the chunk before may be the first of this one.
    const std::size_t shared = at_ - place.begin;
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(end_ - shared),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    begin_ = end_ = shared;
    read_until(place.size());
    if (end_ == shared) {
        return;
    }
    base::Hasher hasher(base::HashAlgorithm::sha256);
    hasher.update({buffer_.data(), end_});
    if (!known ||
        finish_raw(hasher) != expected_.hashes.substr(chunk_ * kChunkHashBytes, kChunkHashBytes)) {
        begin_ = end_;  // nothing of it comes out, whoever asks again
        throw base::IntegrityError("a part of the blob is not what its hash says: bytes from " +
                                   std::to_string(place.begin));
    }
    ++chunk_;
}

std::size_t ChunkVerifyingSource::read(std::span<std::byte> out) {
    if (begin_ == end_) {
        next_chunk();
    }
    const std::size_t count = std::min(out.size(), end_ - begin_);
    if (count != 0) {
        std::memcpy(out.data(), buffer_.data() + begin_, count);
    }
    begin_ += count;
    return count;
}

}  // namespace regtool::stream
