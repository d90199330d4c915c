#include "ops/overlay_store.hpp"

#include <unistd.h>

#include "regtool/base/error.hpp"

namespace regtool::ops {

namespace {

constexpr const char* kTemporary = "temporary file";

}  // namespace

void OverlayStore::add_blob(const model::Digest& digest, base::UniqueFd file) {
    blobs_.with([&](auto& blobs) { blobs.try_emplace(digest, std::move(file)); });
}

void OverlayStore::add_manifest(const model::Manifest& manifest) {
    manifests_.with([&](auto& all) { all.try_emplace(manifest.digest(), manifest); });
}

model::Manifest OverlayStore::root(std::stop_token stop) {
    return below_->root(std::move(stop));
}

model::Descriptor OverlayStore::resolve(std::stop_token stop) {
    return below_->resolve(std::move(stop));
}

model::Manifest OverlayStore::manifest(const model::Descriptor& descriptor, std::stop_token stop) {
    const auto ours = manifests_.with([&](const auto& all) -> std::optional<model::Manifest> {
        const auto found = all.find(descriptor.digest);
        return found == all.end() ? std::nullopt : std::optional(found->second);
    });
    return ours ? *ours : below_->manifest(descriptor, std::move(stop));
}

std::optional<store::ImageStore::BlobInfo> OverlayStore::blob_info(const model::Digest& digest,
                                                                   std::stop_token stop) {
    const int fd = file_of(digest);
    if (fd < 0) {
        return below_->blob_info(digest, std::move(stop));
    }
    return BlobInfo{true, static_cast<std::uint64_t>(lseek(fd, 0, SEEK_END)), ""};
}

std::uint64_t OverlayStore::fetch_blob(const stream::Expectation& expected,
                                       stream::Sink& sink,
                                       std::stop_token stop,
                                       const store::BytesArrived& arrived,
                                       stream::Source* held) {
    if (file_of(expected.digest) < 0) {
        return below_->fetch_blob(expected, sink, std::move(stop), arrived, held);
    }
    if (held != nullptr) {
        throw base::Error(base::ErrorKind::internal, "a temporary file is not continued");
    }
    const auto source = open_blob(expected, arrived);
    return stream::pump(*source, sink);
}

std::unique_ptr<stream::Source> OverlayStore::open_blob(const stream::Expectation& expected,
                                                        const store::BytesArrived& arrived) {
    const int fd = file_of(expected.digest);
    if (fd < 0) {
        return below_->open_blob(expected, arrived);
    }
    return std::make_unique<stream::VerifyingSource>(
        std::make_unique<stream::PositionedSource>(fd, kTemporary), expected);
}

void OverlayStore::fetch_blob_range(const model::Digest& digest,
                                    std::uint64_t first,
                                    std::uint64_t count,
                                    stream::Sink& sink,
                                    std::stop_token stop) {
    const int fd = file_of(digest);
    if (fd < 0) {
        below_->fetch_blob_range(digest, first, count, sink, std::move(stop));
        return;
    }
    stream::PositionedSource part(fd, kTemporary, first, count);
    if (stream::pump(part, sink) != count) {
        throw base::IoError(kTemporary, "is shorter than it was", 0);
    }
}

int OverlayStore::file_of(const model::Digest& digest) const {
    return blobs_.with([&](const auto& blobs) {
        const auto found = blobs.find(digest);
        return found == blobs.end() ? -1 : found->second.get();
    });
}

}  // namespace regtool::ops
