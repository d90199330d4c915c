#include "serve/uploads.hpp"

#include "regtool/base/text.hpp"
#include "serve/file_hash.hpp"
#include "serve/random_id.hpp"
#include "serve/refusal.hpp"

namespace regtool::serve {

void throw_too_large(std::uint64_t max_bytes) {
    throw Refusal(413, code::kSizeInvalid,
                  "the largest blob that this registry takes is " + base::human_size(max_bytes));
}

Uploads::Uploads(Storage& storage,
                 const base::Clock& clock,
                 std::uint64_t max_blob_bytes,
                 std::stop_token stop)
    : storage_(storage), clock_(clock), max_blob_bytes_(max_blob_bytes), stop_(std::move(stop)) {}

void Uploads::drop_idle() {
    const auto now = clock_.monotonic();
    std::erase_if(open_, [now](const auto& entry) {
        return !entry.second->in_use && now - entry.second->touched > kUploadIdleLimit;
    });
}

Uploads::Lease Uploads::begin(const std::string& repository, base::HashAlgorithm algorithm) {
    auto upload = std::make_shared<Upload>();
    upload->id = random_id();
    upload->repository = repository;
    upload->algorithm = algorithm;
    upload->hasher = base::Hasher(algorithm);
    upload->touched = clock_.monotonic();
    upload->in_use = true;
    {
        const std::scoped_lock lock(mutex_);
        drop_idle();
        if (open_.size() >= kMostUploads) {
            throw Refusal(429, code::kTooManyRequests, "too many uploads are open")
                .with("Retry-After", "10");
        }
        open_.emplace(upload->id, upload);
    }
    Lease lease(*this, upload);
    try {
        upload->blob = storage_.begin_blob();
    } catch (...) {  // an upload without a place for its bytes is none
        lease.discard();
        throw;
    }
    return lease;
}

Uploads::Lease Uploads::take(const std::string& repository, const std::string& id) {
    const std::scoped_lock lock(mutex_);
    drop_idle();
    const auto found = open_.find(id);
    if (found == open_.end() || found->second->repository != repository) {
        throw Refusal(404, code::kBlobUploadUnknown, "no such upload, or it has ended");
    }
    if (found->second->in_use) {
        throw Refusal(409, code::kBlobUploadInvalid, "another request works on this upload")
            .with("Retry-After", "1");
    }
    found->second->in_use = true;
    return {*this, found->second};
}

Uploads::Lease::Lease(Uploads& uploads, std::shared_ptr<Upload> upload)
    : uploads_(&uploads), upload_(std::move(upload)) {}

Uploads::Lease::~Lease() {
    if (upload_) {
        const std::scoped_lock lock(uploads_->mutex_);
        upload_->touched = uploads_->clock_.monotonic();
        upload_->in_use = false;
    }
}

void Uploads::Lease::append(std::span<const std::byte> bytes) {
    if (bytes.size() > uploads_->max_blob_bytes_ - size()) {
        throw_too_large(uploads_->max_blob_bytes_);
    }
    const std::uint64_t before = size();
    try {
        upload_->blob->append(bytes);
    } catch (...) {  // what did get written is not hashed: the upload cannot go on
        if (size() != before) {
            discard();
        }
        throw;
    }
    upload_->hasher.update(bytes);
}

void Uploads::Lease::commit(const model::Digest& digest) {
    const auto algorithm = digest.verifier();
    if (!algorithm) {
        throw Refusal(400, code::kDigestInvalid,
                      "this registry verifies sha256 and sha512, not " +
                          base::printable(digest.algorithm(), 64));
    }
    const std::shared_ptr<Upload> upload = upload_;
    {
        const std::scoped_lock lock(uploads_->mutex_);
        uploads_->open_.erase(upload->id);
    }
    // A client names the algorithm at the end; the bytes are read again when it was not foreseen.
    const model::Digest seen =
        *algorithm == upload->algorithm
            ? model::Digest::from_hex(*algorithm, upload->hasher.finish_hex())
            : hash_of_file(upload->blob->fd(), *algorithm, "upload", uploads_->stop_);
    if (seen != digest) {
        throw Refusal(
            400, code::kDigestInvalid,
            "the bytes that came have the digest " + seen.str() + ", not " + digest.str());
    }
    uploads_->storage_.commit(std::move(upload->blob), digest);
}

void Uploads::Lease::discard() {
    const std::scoped_lock lock(uploads_->mutex_);
    uploads_->open_.erase(upload_->id);
}

}  // namespace regtool::serve
