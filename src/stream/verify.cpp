#include "regtool/stream/verify.hpp"

#include <string>
#include <utility>

#include "regtool/base/error.hpp"

namespace regtool::stream {

namespace {

/// Counts `added` bytes; throws at the first one beyond the expected size.
void count_bytes(std::uint64_t& bytes, std::size_t added, const Expectation& expected) {
    bytes += added;
    if (expected.size && bytes > *expected.size) {
        throw base::IntegrityError("size mismatch for " + expected.digest.str() + ": expected " +
                                   std::to_string(*expected.size) + " bytes, got more");
    }
}

void check_end(std::uint64_t bytes, base::Hasher& hasher, const Expectation& expected) {
    if (expected.size && bytes != *expected.size) {
        throw base::IntegrityError("size mismatch for " + expected.digest.str() + ": expected " +
                                   std::to_string(*expected.size) + " bytes, got " +
                                   std::to_string(bytes));
    }
    const std::string hex = hasher.finish_hex();
    if (hex != expected.digest.encoded()) {
        throw base::IntegrityError("digest mismatch: expected " + expected.digest.str() + ", got " +
                                   std::string(expected.digest.algorithm()) + ":" + hex);
    }
}

}  // namespace

VerifyingSink::VerifyingSink(Sink& next, Expectation expected)
    : next_(next),
      expected_(std::move(expected)),
      hasher_(model::require_verifier(expected_.digest)) {}

void VerifyingSink::write(std::span<const std::byte> bytes) {
    absorb(bytes);
    next_.write(bytes);
}

void VerifyingSink::absorb(std::span<const std::byte> bytes) {
    count_bytes(bytes_, bytes.size(), expected_);
    hasher_.update(bytes);
}

void VerifyingSink::finish() {
    check_end(bytes_, hasher_, expected_);
}

VerifyingSource::VerifyingSource(std::unique_ptr<Source> inner, Expectation expected)
    : inner_(std::move(inner)),
      expected_(std::move(expected)),
      hasher_(model::require_verifier(expected_.digest)) {}

std::size_t VerifyingSource::read(std::span<std::byte> out) {
    const std::size_t count = inner_->read(out);
    if (count == 0) {
        check_end(bytes_, hasher_, expected_);
        return 0;
    }
    count_bytes(bytes_, count, expected_);
    hasher_.update(out.first(count));
    return count;
}

DigestingSource::DigestingSource(std::unique_ptr<Source> inner, base::HashAlgorithm algorithm)
    : inner_(std::move(inner)), algorithm_(algorithm), hasher_(algorithm) {}

std::size_t DigestingSource::read(std::span<std::byte> out) {
    const std::size_t count = inner_->read(out);
    bytes_ += count;
    hasher_.update(out.first(count));
    return count;
}

model::Digest DigestingSource::digest() {
    return model::Digest::from_hex(algorithm_, hasher_.finish_hex());
}

}  // namespace regtool::stream
