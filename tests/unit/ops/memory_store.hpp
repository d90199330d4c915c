#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "regtool/base/error.hpp"
#include "regtool/ops/progress.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::test {

/// An image in memory. `root` is the digest of what the name stands for.
class MemoryStore : public store::ImageStore {
  public:
    std::string add_blob(const std::string& bytes) {
        const model::Digest digest = model::Digest::sha256_of(bytes);
        blobs_[digest.str()] = bytes;
        return digest.str();
    }

    /// Adds an image with these layers, which all have the annotations, and this configuration
    /// text; the result is the JSON of its descriptor. The last one added is the root.
    std::string add_image(const std::vector<std::string>& layers,
                          const std::string& config,
                          const std::map<std::string, std::string>& annotations = {}) {
        const std::string layer_type = "application/vnd.oci.image.layer.v1.tar";
        std::string text = R"({"schemaVersion":2,"config":)" +
                           descriptor("application/vnd.oci.image.config.v1+json", config) +
                           R"(,"layers":[)";
        for (std::size_t i = 0; i < layers.size(); ++i) {
            text += (i == 0 ? "" : ",") + annotated(descriptor(layer_type, layers[i]), annotations);
        }
        return add_manifest("application/vnd.oci.image.manifest.v1+json", text + "]}");
    }

    /// Children are descriptors with a platform written before their closing brace.
    std::string add_index(const std::vector<std::pair<std::string, std::string>>& children) {
        std::string text = R"({"schemaVersion":2,"manifests":[)";
        for (std::size_t i = 0; i < children.size(); ++i) {
            const auto& [child, arch] = children[i];
            text += (i == 0 ? "" : ",") + child.substr(0, child.size() - 1) +
                    R"(,"platform":{"os":"linux","architecture":")" + arch + "\"}}";
        }
        return add_manifest("application/vnd.oci.image.index.v1+json", text + "]}");
    }

    std::string name() const override { return name_; }

    std::string repository_name() const override { return "memory"; }

    std::optional<model::Digest> named_digest() const override { return std::nullopt; }

    model::Manifest root(std::stop_token /*stop*/) override {
        return model::Manifest::parse(blobs_.at(root_), root_type_);
    }

    model::Descriptor resolve(std::stop_token stop) override { return root(stop).descriptor(); }

    model::Manifest manifest(const model::Descriptor& descriptor,
                             std::stop_token /*stop*/) override {
        {
            const std::scoped_lock lock(mutex_);
            ++reads[descriptor.digest.str()];
        }
        return model::Manifest::parse(blob(descriptor.digest), "", descriptor.media_type);
    }

    model::Manifest manifest_of(const model::Digest& digest, std::stop_token /*stop*/) override {
        return model::Manifest::parse(blob(digest), "");
    }

    std::optional<BlobInfo> blob_info(const model::Digest& digest,
                                      std::stop_token /*stop*/) override {
        const auto found = blobs_.find(digest.str());
        return found == blobs_.end() ? std::nullopt
                                     : std::optional(BlobInfo{true, found->second.size(), ""});
    }

    std::uint64_t fetch_blob(const stream::Expectation& expected,
                             stream::Sink& sink,
                             std::stop_token /*stop*/,
                             const store::BytesArrived& /*arrived*/,
                             stream::Source* /*held*/) override {
        const auto source = open_blob(expected, {});
        return stream::pump(*source, sink);
    }

    std::unique_ptr<stream::Source> open_blob(const stream::Expectation& expected,
                                              const store::BytesArrived& /*arrived*/) override {
        {
            const std::scoped_lock lock(mutex_);
            ++reads[expected.digest.str()];
        }
        return std::make_unique<stream::VerifyingSource>(
            std::make_unique<stream::StringSource>(blob(expected.digest)), expected);
    }

    void fetch_blob_range(const model::Digest& digest,
                          std::uint64_t first,
                          std::uint64_t count,
                          stream::Sink& sink,
                          std::stop_token /*stop*/) override {
        if (!ranges) {
            throw base::RegistryError("the registry does not send the part that was asked for",
                                      200);
        }
        {
            const std::scoped_lock lock(mutex_);
            ++range_requests;
            ++part_reads[digest.str()];
        }
        sink.write(std::as_bytes(std::span(blob(digest))).subspan(first, count));
    }

    std::optional<model::Repository> repository() const override { return repository_; }

    /// From now on it passes for a repository of a registry.
    void be_repository(const std::string& name) { repository_ = model::Repository::parse(name); }

    /// Any document as a manifest; becomes the root. The result is the JSON of its descriptor.
    std::string add_document(const std::string& type, const std::string& text) {
        return add_manifest(type, text);
    }

    std::string describe(const std::string& type, const std::string& bytes) {
        return descriptor(type, bytes);
    }

    /// Other names of the same place.
    std::map<std::string, std::shared_ptr<MemoryStore>> others;

    std::vector<std::string> names(std::stop_token /*stop*/) override {
        std::vector<std::string> all;
        for (const auto& [name, store] : others) {
            all.push_back(name);
        }
        return all;
    }

    /// From now on it was opened by this name.
    void be_named(const std::string& name) { name_ = "memory:" + name; }

    std::unique_ptr<ImageStore> named(const std::string& name) const override {
        if (!others.contains(name)) {
            throw base::UsageError("no image is named " + name);
        }
        return std::make_unique<MemoryStore>(*others.at(name));
    }

    MemoryStore() = default;

    MemoryStore(const MemoryStore& other)
        : ImageStore(), blobs_(other.blobs_), root_(other.root_), root_type_(other.root_type_) {}

    /// Adds a manifest that refers to something.
    void attach(const model::Manifest& referrer) {
        add_blob(referrer.bytes());
        referrers_.push_back(referrer.referrer_descriptor());
    }

    /// As a registry that claims all of them to be about whatever is asked.
    std::vector<model::Descriptor> referrers(const model::Digest& /*subject*/,
                                             std::string_view /*artifact_type*/,
                                             std::stop_token /*stop*/) override {
        ++referrers_asked;
        return referrers_;
    }

    int referrers_asked = 0;
    bool ranges = true;      ///< whether parts of blobs can be had
    int range_requests = 0;  ///< how many were

    void forget(const std::string& digest) { blobs_.erase(digest); }

    /// How often something was read by its digest.
    std::map<std::string, int> reads;
    /// How often a part of it was.
    std::map<std::string, int> part_reads;

    /// Replaces a blob's bytes under its old name.
    void spoil(const std::string& digest, std::string bytes) {
        blobs_.at(digest) = std::move(bytes);
    }

  private:
    std::string add_manifest(const std::string& type, const std::string& text) {
        root_ = add_blob(text);
        root_type_ = type;
        return descriptor(type, text);
    }

    std::string descriptor(const std::string& type, const std::string& bytes) {
        return R"({"mediaType":")" + type + R"(","digest":")" + add_blob(bytes) + R"(","size":)" +
               std::to_string(bytes.size()) + "}";
    }

    static std::string annotated(std::string descriptor,
                                 const std::map<std::string, std::string>& annotations) {
        if (annotations.empty()) {
            return descriptor;
        }
        descriptor.pop_back();
        std::string list;
        for (const auto& [name, value] : annotations) {
            list += (list.empty() ? "\"" : ",\"") + name + "\":\"" + value + "\"";
        }
        return descriptor + R"(,"annotations":{)" + list + "}}";
    }

    const std::string& blob(const model::Digest& digest) const {
        const auto found = blobs_.find(digest.str());
        if (found == blobs_.end()) {
            throw base::NotFound(digest.str());
        }
        return found->second;
    }

    std::map<std::string, std::string> blobs_;
    std::string root_;
    std::string root_type_;
    std::optional<model::Repository> repository_;
    std::string name_ = "memory";
    std::vector<model::Descriptor> referrers_;
    std::mutex mutex_;
};

class NoProgress : public ops::ProgressListener {
  public:
    Id started(std::string_view /*label*/,
               std::optional<std::uint64_t> /*total*/) noexcept override {
        return 0;
    }

    void advanced(Id /*id*/, std::uint64_t /*bytes*/) noexcept override {}

    void finished(Id /*id*/, ops::TransferEnd how) noexcept override { last = how; }

    std::atomic<ops::TransferEnd> last{ops::TransferEnd::skipped};  ///< of several threads
};

inline std::string config_of(const std::string& arch, const std::string& more = "") {
    return R"({"os":"linux","architecture":")" + arch + "\"" + more + "}";
}

}  // namespace regtool::test
