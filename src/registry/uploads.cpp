#include "registry/blob_upload.hpp"
#include "registry/upload_session.hpp"
#include "regtool/registry/registry_client.hpp"

namespace regtool::registry {

void RegistryClient::put_blob(const model::Repository& repository,
                              const model::Digest& digest,
                              std::uint64_t size,
                              const BlobReader& read,
                              std::stop_token stop,
                              const BytesArrived& arrived,
                              std::optional<UploadSession> session) {
    const auto is_there = [&](const std::stop_token& token) {
        const auto head = blob_head_at(repository, digest, token);
        return head && head->size.value_or(size) == size;
    };
    BlobUpload upload({http_, clock_, random_, log_, retries_},
                      {endpoints_.base_url(repository.registry(), stop), repository, digest, size,
                       read, arrived, is_there},
                      std::move(session));
    upload.run(stop);
}

void RegistryClient::cancel_upload(const model::Repository& repository,
                                   const UploadSession& session) noexcept {
    try {
        cancel_session(http_, session, endpoints_.base_url(repository.registry(), {}), repository);
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): best effort
    }
}

}  // namespace regtool::registry
