#pragma once

#include <map>
#include <string>
#include <vector>

#include "regtool/base/text.hpp"
#include "regtool/model/manifest.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/store/image_store.hpp"
#include "regtool/store/image_target.hpp"
#include "regtool/stream/verify.hpp"
#include "support/packed.hpp"
#include "support/tar_builder.hpp"

namespace regtool::test {

/// An image with everything it consists of, made in memory.
class SampleImage {
  public:
    /// Two gzip layers with their configuration.
    static SampleImage single(const std::string& arch = "amd64") {
        SampleImage sample;
        sample.add_image(arch);
        return sample;
    }

    static SampleImage index() {
        SampleImage sample;
        const std::string amd = sample.add_image("amd64");
        const std::string arm = sample.add_image("arm64");
        sample.add_index({with_platform(amd, "amd64"), with_platform(arm, "arm64")});
        return sample;
    }

    /// An index of an index and an image.
    static SampleImage nested() {
        SampleImage sample = index();
        const std::string inner = sample.descriptor_of(sample.root());
        const std::string image = sample.add_image("riscv64");
        sample.add_index({inner, with_platform(image, "riscv64")});
        return sample;
    }

    /// An image and an artifact that refers to it; the image stays the root.
    static SampleImage with_referrer() {
        SampleImage sample = single();
        const model::Manifest image = sample.root();
        sample.add_manifest(
            std::string(model::media_type::kOciManifest),
            R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
            R"("artifactType":"application/vnd.example.sbom","config":)" +
                sample.add_blob("application/vnd.oci.empty.v1+json", "{}") + R"(,"layers":[)" +
                sample.add_blob("application/spdx+json", R"({"spdx":true})") + R"(],"subject":)" +
                descriptor_of(image) + "}");
        sample.root_ = 0;
        return sample;
    }

    [[nodiscard]] const model::Manifest& root() const { return manifests_.at(root_); }

    /// Children first.
    [[nodiscard]] const std::vector<model::Manifest>& manifests() const { return manifests_; }

    /// By descriptor, each once.
    [[nodiscard]] const std::vector<std::pair<model::Descriptor, std::string>>& blobs() const {
        return blobs_;
    }

    /// Bytes of every layer unpacked, lowest first, of the image added last.
    [[nodiscard]] const std::vector<std::string>& plain_layers() const { return plain_layers_; }

    [[nodiscard]] const std::string& config() const { return config_; }

    /// Puts all of it, the root under `name`.
    void put_into(store::ImageTarget& target, const std::optional<std::string>& name) const {
        for (const auto& [descriptor, bytes] : blobs_) {
            target.put_blob(descriptor, reader_of(descriptor, bytes), {}, {});
        }
        for (const model::Manifest& manifest : manifests_) {
            const bool is_root = manifest.digest() == root().digest();
            target.put_manifest(manifest, is_root ? name : std::nullopt, {});
        }
        target.finish({});
    }

    static store::BlobReader reader_of(const model::Descriptor& descriptor,
                                       const std::string& bytes) {
        return [descriptor, bytes](std::uint64_t first) -> std::unique_ptr<stream::Source> {
            auto source = std::make_unique<stream::StringSource>(bytes.substr(first));
            if (first != 0) {
                return source;
            }
            return std::make_unique<stream::VerifyingSource>(
                std::move(source), stream::Expectation{descriptor.digest, descriptor.size});
        };
    }

    static std::string descriptor_of(const model::Manifest& manifest) {
        return descriptor_text(manifest.media_type(), manifest.digest(), manifest.bytes().size());
    }

  private:
    static std::string descriptor_text(const std::string& type,
                                       const model::Digest& digest,
                                       std::uint64_t size) {
        return R"({"mediaType":")" + type + R"(","digest":")" + digest.str() + R"(","size":)" +
               std::to_string(size) + "}";
    }

    static std::string with_platform(const std::string& descriptor, const std::string& arch) {
        return descriptor.substr(0, descriptor.size() - 1) +
               R"(,"platform":{"os":"linux","architecture":")" + arch + "\"}}";
    }

    std::string add_blob(const std::string& type, const std::string& bytes) {
        const model::Digest digest = model::Digest::sha256_of(bytes);
        const bool known = std::any_of(blobs_.begin(), blobs_.end(), [&](const auto& blob) {
            return blob.first.digest == digest;
        });
        if (!known) {
            blobs_.emplace_back(model::Descriptor{type, digest, bytes.size(), {}, {}, {}, {}, {}},
                                bytes);
        }
        return descriptor_text(type, digest, bytes.size());
    }

    std::string add_manifest(const std::string& type, const std::string& text) {
        manifests_.push_back(model::Manifest::parse(text, type));
        root_ = manifests_.size() - 1;
        return descriptor_of(manifests_.back());
    }

    std::string add_image(const std::string& arch) {
        plain_layers_ = {TarBuilder().file("base", noise(70'000)).finish(),
                         TarBuilder().file("etc/arch", arch).finish()};
        config_ = R"({"architecture":")" + arch + R"(","os":"linux","rootfs":{"type":"layers",)" +
                  R"("diff_ids":[")" + model::Digest::sha256_of(plain_layers_[0]).str() + "\",\"" +
                  model::Digest::sha256_of(plain_layers_[1]).str() + "\"]}}";
        std::string layers;
        for (const std::string& layer : plain_layers_) {
            layers += (layers.empty() ? "" : ",") +
                      add_blob(std::string(model::media_type::kOciLayerGzip), gzip(layer));
        }
        return add_manifest(
            std::string(model::media_type::kOciManifest),
            R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
            R"("config":)" +
                add_blob(std::string(model::media_type::kOciConfig), config_) + R"(,"layers":[)" +
                layers + "]}");
    }

    void add_index(const std::vector<std::string>& children) {
        std::string list;
        for (const std::string& child : children) {
            list += (list.empty() ? "" : ",") + child;
        }
        add_manifest(std::string(model::media_type::kOciIndex),
                     R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",)"
                     R"("manifests":[)" +
                         list + "]}");
    }

    std::vector<std::pair<model::Descriptor, std::string>> blobs_;
    std::vector<model::Manifest> manifests_;
    std::size_t root_ = 0;
    std::vector<std::string> plain_layers_;
    std::string config_;
};

inline std::string fetch(store::ImageStore& store, const model::Descriptor& blob) {
    stream::StringSink sink(std::size_t{1} << 26);
    store.fetch_blob({blob.digest, blob.size}, sink, {}, {}, nullptr);
    return std::move(sink.text());
}

}  // namespace regtool::test
