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
                                           std::uint64_t first_chunk)
    : inner_(std::move(inner)),
      expected_(expected),
      chunk_(first_chunk),
      buffer_(std::make_unique_for_overwrite<std::byte[]>(kChunkBytes)) {}

void ChunkVerifyingSource::next_chunk() {
    begin_ = end_ = 0;
    while (!ended_ && end_ < kChunkBytes) {
        const std::size_t count = inner_->read({buffer_.get() + end_, kChunkBytes - end_});
        ended_ = count == 0;
        end_ += count;
    }
    if (end_ == 0) {
        return;
    }
    base::Hasher hasher(base::HashAlgorithm::sha256);
    hasher.update({buffer_.get(), end_});
    const bool known = chunk_ < expected_.hashes.size() / kChunkHashBytes;
    if (!known ||
        finish_raw(hasher) != expected_.hashes.substr(chunk_ * kChunkHashBytes, kChunkHashBytes)) {
        throw base::IntegrityError(
            "a part of the blob differs from what was verified before: "
            "bytes from " +
            std::to_string(chunk_ * kChunkBytes));
    }
    ++chunk_;
}

std::size_t ChunkVerifyingSource::read(std::span<std::byte> out) {
    if (begin_ == end_) {
        next_chunk();
    }
    const std::size_t count = std::min(out.size(), end_ - begin_);
    if (count != 0) {
        std::memcpy(out.data(), buffer_.get() + begin_, count);
    }
    begin_ += count;
    return count;
}

}  // namespace regtool::stream
