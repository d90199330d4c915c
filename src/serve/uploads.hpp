#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "regtool/base/clock.hpp"
#include "regtool/base/hash.hpp"
#include "serve/storage.hpp"

namespace regtool::serve {

/// Uploads that may be open at once, and how long one may lie idle before it is dropped.
inline constexpr std::size_t kMostUploads = 1000;
inline constexpr std::chrono::minutes kUploadIdleLimit{60};

/// One blob on its way in, over several requests.
struct Upload {
    std::string id;
    std::string repository;
    base::HashAlgorithm algorithm = base::HashAlgorithm::sha256;
    base::Hasher hasher{base::HashAlgorithm::sha256};  ///< of all bytes so far
    std::unique_ptr<IncomingBlob> blob;
    std::chrono::steady_clock::time_point touched;
    bool in_use = false;
};

/// The open uploads. Thread-safe; an upload is one request's at a time.
class Uploads {
  public:
    Uploads(Storage& storage,
            const base::Clock& clock,
            std::uint64_t max_blob_bytes,
            std::stop_token stop);

    /// An upload that one request works with; given back by the destructor. `discard()` removes it.
    class Lease {
      public:
        Lease(Uploads& uploads, std::shared_ptr<Upload> upload);
        ~Lease();
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        Lease(Lease&& other) noexcept = default;
        Lease& operator=(Lease&&) = delete;

        [[nodiscard]] const std::string& id() const noexcept { return upload_->id; }

        [[nodiscard]] std::uint64_t size() const noexcept { return upload_->blob->size(); }

        /// Throws Refusal: 413 beyond the largest blob that is taken, 507 without room.
        void append(std::span<const std::byte> bytes);
        /// Gives the bytes the name `digest` and ends the upload; on a mismatch it ends too.
        /// Throws Refusal (400 DIGEST_INVALID).
        void commit(const model::Digest& digest);
        void discard();

      private:
        Uploads* uploads_;
        std::shared_ptr<Upload> upload_;
    };

    /// Throws Refusal: 429 with too many uploads open.
    [[nodiscard]] Lease begin(const std::string& repository, base::HashAlgorithm algorithm);
    /// Throws Refusal: 404 BLOB_UPLOAD_UNKNOWN, 409 when another request has it.
    [[nodiscard]] Lease take(const std::string& repository, const std::string& id);

    [[nodiscard]] std::uint64_t max_blob_bytes() const noexcept { return max_blob_bytes_; }

  private:
    void drop_idle();

    Storage& storage_;
    const base::Clock& clock_;
    std::uint64_t max_blob_bytes_;
    std::stop_token stop_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Upload>> open_;
};

/// "the largest blob that this registry takes is …" (413).
[[noreturn]] void throw_too_large(std::uint64_t max_bytes);

}  // namespace regtool::serve
