#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "regtool/base/error.hpp"
#include "regtool/store/image_target.hpp"

namespace regtool::test {

/// A repository in memory that takes images, and keeps a journal of what was done to it in order:
/// "blob D", "mount D", "manifest D", "name N D".
class MemoryTarget final : public store::ImageTarget {
  public:
    explicit MemoryTarget(std::optional<model::Repository> repository = std::nullopt)
        : repository_(std::move(repository)) {}

    std::map<std::string, std::string> blobs;      ///< by digest
    std::map<std::string, std::string> manifests;  ///< by digest
    std::map<std::string, std::string> names;      ///< digest of each name
    std::set<std::string> mountable;               ///< digests that can be mounted
    std::vector<std::string> journal;
    std::optional<model::Digest> must_be;  ///< the digest that the destination names
    bool finished = false;
    bool takes_sparse = false;  ///< indexes whose children are not there
    /// Called before a name is given; may throw or change the target.
    std::function<void(const std::string& name)> before_name = [](const std::string&) {};
    /// Called after a name was given.
    std::function<void(const std::string& name)> after_name = [](const std::string&) {};
    /// Bytes that an earlier run left of a blob.
    std::map<std::string, std::string> held;

    std::string name() const override { return "target"; }

    std::string repository_name() const override { return "target"; }

    std::optional<std::string> wanted_name() const override { return "latest"; }

    std::optional<model::Digest> wanted_digest() const override { return must_be; }

    std::optional<model::Repository> repository() const override { return repository_; }

    int max_parallel_blobs() const noexcept override { return 4; }

    std::optional<model::Descriptor> current(std::string_view name,
                                             std::stop_token /*stop*/) override {
        const std::scoped_lock lock(mutex_);
        const auto found = names.find(std::string(name));
        if (found == names.end()) {
            return std::nullopt;
        }
        model::Descriptor descriptor{"", model::Digest::parse(found->second), 0, {}, {}, {}, {},
                                     {}};
        return descriptor;
    }

    std::vector<bool> have_blobs(std::span<const model::Descriptor> wanted,
                                 std::stop_token /*stop*/) override {
        return present(wanted, blobs);
    }

    std::vector<bool> have_manifests(std::span<const model::Descriptor> wanted,
                                     std::stop_token /*stop*/) override {
        return present(wanted, manifests);
    }

    bool try_mount(const model::Descriptor& blob,
                   const model::Repository& /*from*/,
                   std::stop_token /*stop*/) override {
        const std::scoped_lock lock(mutex_);
        if (!mountable.contains(blob.digest.str())) {
            return false;
        }
        journal.push_back("mount " + blob.digest.str());
        blobs[blob.digest.str()] = "mounted";
        return true;
    }

    void put_blob(const model::Descriptor& blob,
                  const store::BlobReader& read,
                  std::stop_token /*stop*/,
                  const store::BytesArrived& arrived) override {
        const std::string begun = begun_of(blob);
        stream::StringSink sink(std::size_t{1} << 20);
        const auto source = read(begun.size());
        arrived(stream::pump(*source, sink));
        const std::string bytes = begun + sink.text();
        if (model::Digest::sha256_of(bytes) != blob.digest) {
            throw base::IntegrityError("wrong bytes for " + blob.digest.str());
        }
        const std::scoped_lock lock(mutex_);
        blobs[blob.digest.str()] = bytes;
        journal.push_back("blob " + blob.digest.str());
    }

    void put_manifest(const model::Manifest& manifest,
                      const std::optional<std::string>& name,
                      std::stop_token /*stop*/) override {
        const std::string digest = manifest.digest().str();
        if (name) {
            before_name(*name);
        }
        require_parts(manifest);
        {
            const std::scoped_lock lock(mutex_);
            manifests[digest] = manifest.bytes();
            if (!name) {
                journal.push_back("manifest " + digest);
                return;
            }
            names[*name] = digest;
            journal.push_back("name " + *name + " " + digest);
        }
        after_name(*name);
    }

    void finish(std::stop_token /*stop*/) override { finished = true; }

  private:
    /// Blobs are put by several threads at once.
    std::string begun_of(const model::Descriptor& blob) {
        const std::scoped_lock lock(mutex_);
        const auto found = held.find(blob.digest.str());
        return found == held.end() ? "" : found->second;
    }

    std::vector<bool> present(std::span<const model::Descriptor> wanted,
                              const std::map<std::string, std::string>& where) {
        const std::scoped_lock lock(mutex_);
        std::vector<bool> answers;
        for (const model::Descriptor& descriptor : wanted) {
            answers.push_back(where.contains(descriptor.digest.str()));
        }
        return answers;
    }

    /// As registries do: what a manifest names must be there before it.
    void require_parts(const model::Manifest& manifest) {
        const std::scoped_lock lock(mutex_);
        const auto require = [](const auto& where, const model::Descriptor& part) {
            if (!where.contains(part.digest.str())) {
                base::RegistryError error("unknown " + part.digest.str(), 404);
                error.facts().code = "MANIFEST_BLOB_UNKNOWN";
                throw error;
            }
        };
        if (const auto* image = manifest.image()) {
            require(blobs, image->config);
            for (const model::Descriptor& layer : image->layers) {
                if (layer.media_type.find("foreign") == std::string::npos) {
                    require(blobs, layer);
                }
            }
        }
        if (const auto* index = manifest.index(); index != nullptr && !takes_sparse) {
            for (const model::Descriptor& child : index->manifests) {
                require(manifests, child);
            }
        }
    }

    std::optional<model::Repository> repository_;
    std::mutex mutex_;
};

}  // namespace regtool::test
