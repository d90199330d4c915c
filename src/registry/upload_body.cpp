#include "registry/upload_body.hpp"

#include <algorithm>

#include "regtool/base/error.hpp"

namespace regtool::registry {

namespace {

base::IntegrityError wrong_length(const std::string& what, std::uint64_t size, bool longer) {
    return base::IntegrityError(what + ": the source does not have the " + std::to_string(size) +
                                " bytes that were announced, but " + (longer ? "more" : "fewer"));
}

void require_end(stream::Source& source, const std::string& what, std::uint64_t size) {
    std::byte surplus{};
    if (source.read({&surplus, 1}) != 0) {
        throw wrong_length(what, size, true);
    }
}

std::size_t room_for(std::span<std::byte> out, std::uint64_t left) {
    return static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left));
}

class WholeSource final : public stream::Source {
  public:
    WholeSource(std::unique_ptr<stream::Source> inner,
                const std::string& what,
                std::uint64_t size,
                UploadBody::Report report)
        : inner_(std::move(inner)), what_(what), size_(size), report_(std::move(report)) {
        if (size_ == 0) {
            require_end(*inner_, what_, size_);
        }
    }

    std::size_t read(std::span<std::byte> out) override {
        if (done_ == size_) {
            return 0;
        }
        const std::size_t got = inner_->read(out.first(room_for(out, size_ - done_)));
        if (got == 0) {
            throw wrong_length(what_, size_, false);
        }
        done_ += got;
        if (done_ == size_) {
            require_end(*inner_, what_, size_);
        }
        report_(done_);
        return got;
    }

  private:
    std::unique_ptr<stream::Source> inner_;
    const std::string& what_;
    std::uint64_t size_;
    UploadBody::Report report_;
    std::uint64_t done_ = 0;
};

}  // namespace

class UploadBody::Chunk final : public stream::Source {
  public:
    Chunk(UploadBody& body, std::uint64_t end) : body_(body), end_(end) {}

    std::size_t read(std::span<std::byte> out) override { return body_.read_chunk(out, end_); }

  private:
    UploadBody& body_;
    std::uint64_t end_;
};

UploadBody::UploadBody(std::string what,
                       model::Digest digest,
                       std::uint64_t size,
                       const BlobReader& read,
                       Report report)
    : what_(std::move(what)),
      digest_(std::move(digest)),
      size_(size),
      read_(read),
      report_(std::move(report)),
      hasher_(model::require_verifier(digest_)) {}

std::unique_ptr<stream::Source> UploadBody::whole() const {
    return std::make_unique<WholeSource>(read_(0), what_, size_, report_);
}

std::unique_ptr<stream::Source> UploadBody::chunk(std::uint64_t first, std::uint64_t end) {
    if (!source_ || position_ != first) {
        source_ = read_(first);
        position_ = first;
    }
    return std::make_unique<Chunk>(*this, end);
}

std::size_t UploadBody::read_chunk(std::span<std::byte> out, std::uint64_t end) {
    if (position_ == end) {
        return 0;
    }
    std::size_t got = 0;
    try {
        got = source_->read(out.first(room_for(out, end - position_)));
        if (got == 0) {
            throw wrong_length(what_, size_, false);
        }
    } catch (const base::Error&) {
        source_.reset();  // one that failed is of no further use
        throw;
    }
    position_ += got;
    if (position_ > hashed_) {
        hasher_.update(out.first(got).last(position_ - hashed_));
        hashed_ = position_;
    }
    report_(position_);
    return got;
}

void UploadBody::require_digest() {
    if (verified_) {
        return;
    }
    if (source_ && position_ == size_) {
        require_end(*source_, what_, size_);
    }
    source_.reset();
    const std::string hex = hasher_.finish_hex();
    if (hashed_ != size_ || hex != digest_.encoded()) {
        base::IntegrityError error(what_ + ": the source changed while it was read");
        error.add_context("announced " + digest_.str());
        error.add_context("read      " + std::string(digest_.algorithm()) + ":" + hex);
        throw error;
    }
    verified_ = true;
}

void UploadBody::restart() {
    source_.reset();
    position_ = 0;
    hasher_ = base::Hasher(model::require_verifier(digest_));
    hashed_ = 0;
    verified_ = false;
}

}  // namespace regtool::registry
