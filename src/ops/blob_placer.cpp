#include "regtool/ops/blob_placer.hpp"

#include <algorithm>
#include <array>

#include "ops/spooled_file.hpp"
#include "regtool/base/error.hpp"
#include "store/content.hpp"

namespace regtool::ops {

namespace {

BlobPlacement placement(const model::Repository& to,
                        const model::Digest& digest,
                        std::uint64_t size,
                        Placed how) {
    return {to.familiar() + "@" + digest.str(), digest.str(), size, how};
}

model::Digest digest_of(const store::Content& content,
                        base::HashAlgorithm algorithm,
                        const std::stop_token& stop) {
    stream::DigestingSource hashed(store::open_content(content), algorithm);
    stream::NullSink nowhere;
    store::move_bytes(hashed, nowhere, stop, {});
    return hashed.digest();
}

/// What the repository has of it, if anything.
std::optional<registry::BlobHead> head_at(const PlacingTools& tools,
                                          const model::Repository& repository,
                                          const model::Digest& digest) {
    const std::array wanted{digest};
    return tools.registry.blob_heads(repository, wanted, tools.stop).front();
}

/// Sends a blob, and shows how far it came.
void upload(const PlacingTools& tools,
            const model::Repository& to,
            const model::Digest& digest,
            std::uint64_t size,
            const registry::BlobReader& read,
            std::optional<registry::UploadSession> session) {
    TransferScope transfer(tools.progress, "blob " + std::string(digest.short_form()), size);
    tools.registry.put_blob(
        to, digest, size, read, tools.stop,
        [&transfer](std::uint64_t bytes) { transfer.advance(bytes); }, std::move(session));
    transfer.end(TransferEnd::done);
}

/// Reads and drops: the source verifies what it passed over, too.
void pass_over(stream::Source& source, std::uint64_t bytes) {
    std::array<std::byte, 65536> dropped{};
    while (bytes > 0) {
        const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(dropped.size(), bytes));
        const std::size_t got = source.read(std::span(dropped).first(room));
        if (got == 0) {
            return;
        }
        bytes -= got;
    }
}

std::uint64_t size_of(store::ImageStore& from,
                      const ChosenBlob& blob,
                      const std::stop_token& stop) {
    if (blob.expected.size) {
        return *blob.expected.size;
    }
    const auto info = from.blob_info(blob.expected.digest, stop);
    if (!info) {
        throw base::NotFound("no blob " + blob.expected.digest.str() + " in " +
                             from.repository_name());
    }
    if (!info->size_known) {
        throw base::RegistryError("the registry does not say the size of " +
                                  blob.expected.digest.str());
    }
    return info->size;
}

}  // namespace

BlobPlacement put_blob_file(const PlacingTools& tools,
                            const std::string& file,
                            const std::optional<model::Digest>& digest,
                            const model::Repository& to) {
    const std::string where = file == "-" ? "standard input" : file;
    const store::Content content = store::content_of_file(
        file == "-" ? spool_standard_input() : open_regular_file(file), where);
    const model::Digest own =
        digest_of(content, digest ? model::require_verifier(*digest) : base::HashAlgorithm::sha256,
                  tools.stop);
    if (digest && own != *digest) {
        base::IntegrityError error(where + " is not what was announced; nothing was sent");
        error.add_context("announced " + digest->str());
        error.add_context("read      " + own.str());
        throw error;
    }
    if (const auto head = head_at(tools, to, own);
        head && head->size.value_or(content.size) == content.size) {
        return placement(to, own, content.size, Placed::present);
    }
    const auto read = [&](std::uint64_t first) -> std::unique_ptr<stream::Source> {
        auto source = store::open_content(content, first);
        if (first > 0) {
            return source;
        }
        return std::make_unique<stream::VerifyingSource>(std::move(source),
                                                         stream::Expectation{own, content.size});
    };
    upload(tools, to, own, content.size, read, std::nullopt);
    return placement(to, own, content.size, Placed::uploaded);
}

BlobPlacement mount_blob(const PlacingTools& tools,
                         const model::Repository& from,
                         const model::Digest& digest,
                         const model::Repository& to) {
    if (from.registry() != to.registry()) {
        base::UsageError error("a blob is mounted within one registry, not from " +
                               from.registry().str() + " into " + to.registry().str());
        error.set_hint("regtool blob copy " + from.familiar() + "@" + digest.str() + " " +
                       to.familiar());
        throw error;
    }
    const auto head = head_at(tools, from, digest);
    if (!head) {
        throw base::NotFound("no blob " + digest.str() + " in " + from.familiar());
    }
    const std::uint64_t size = head->size.value_or(0);
    const registry::MountAnswer answer = tools.registry.mount_blob(from, to, digest, tools.stop);
    if (answer.session) {
        tools.registry.cancel_upload(to, *answer.session);
    }
    return placement(to, digest, size, answer.mounted ? Placed::mounted : Placed::not_mounted);
}

BlobPlacement copy_blob(const PlacingTools& tools,
                        store::ImageStore& from,
                        const ChosenBlob& blob,
                        const model::Repository& to) {
    const model::Digest& digest = blob.expected.digest;
    const std::uint64_t size = size_of(from, blob, tools.stop);
    if (const auto head = head_at(tools, to, digest); head && head->size.value_or(size) == size) {
        return placement(to, digest, size, Placed::present);
    }
    std::optional<registry::UploadSession> session;
    const auto source = from.repository();
    if (source && source->registry() == to.registry()) {
        registry::MountAnswer answer = tools.registry.mount_blob(*source, to, digest, tools.stop);
        if (answer.mounted) {
            return placement(to, digest, size, Placed::mounted);
        }
        session = std::move(answer.session);
    }
    const auto read = [&](std::uint64_t first) {
        auto opened = from.open_blob({digest, size}, {});
        pass_over(*opened, first);
        return opened;
    };
    upload(tools, to, digest, size, read, std::move(session));
    return placement(to, digest, size, Placed::uploaded);
}

}  // namespace regtool::ops
