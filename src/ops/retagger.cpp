#include "regtool/ops/retagger.hpp"

#include <set>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/ops/image_choice.hpp"

namespace regtool::ops {

namespace {

void check_source(const model::Reference& source,
                  const model::Digest& actual,
                  const RetagOptions& options) {
    if (options.if_digest && *options.if_digest != actual) {
        base::PreconditionError error(source.familiar() + " moved: it is at " + actual.str() +
                                      ", not at " + options.if_digest->str());
        error.facts().reference = source.str();
        throw error;
    }
}

/// Brings what a manifest needs into another repository of the same registry: blobs by mounting,
/// children by digest.
class CrossRepository {
  public:
    CrossRepository(registry::RegistryClient& registry,
                    const model::Repository& from,
                    const model::Repository& to)
        : registry_(registry), from_(from), to_(to) {}

    void bring(const model::Manifest& manifest, int depth, const std::stop_token& stop) {
        if (depth > kMaxIndexDepth) {
            throw base::InvalidDocument("indexes nested deeper than " +
                                        std::to_string(kMaxIndexDepth));
        }
        if (const model::ImageManifest* image = manifest.image()) {
            mount(image->config, stop);
            for (const model::Descriptor& layer : image->layers) {
                mount(layer, stop);
            }
        }
        if (const model::IndexManifest* index = manifest.index()) {
            for (const model::Descriptor& child : index->manifests) {
                bring_child(child, depth, stop);
            }
        }
    }

  private:
    void bring_child(const model::Descriptor& child, int depth, const std::stop_token& stop) {
        if (!done_.insert(child.digest).second) {
            return;
        }
        const model::Manifest manifest = registry_.manifest(from_, child, stop);
        bring(manifest, depth + 1, stop);
        const auto target = model::Reference::parse(to_.str() + "@" + child.digest.str());
        registry_.put_manifest(target, manifest, stop);
    }

    void mount(const model::Descriptor& blob, const std::stop_token& stop) {
        if (!done_.insert(blob.digest).second || registry_.blob_head(to_, blob.digest, stop)) {
            return;
        }
        if (model::kind_of(blob.media_type) == model::MediaKind::foreign_layer) {
            return;
        }
        const registry::MountAnswer answer = registry_.mount_blob(from_, to_, blob.digest, stop);
        if (answer.session) {
            registry_.cancel_upload(to_, *answer.session);
        }
        if (!answer.mounted) {
            base::RegistryError error("the registry does not mount " + blob.digest.str() +
                                      " from " + from_.str() + " into " + to_.str());
            throw error;
        }
    }

    registry::RegistryClient& registry_;
    const model::Repository& from_;
    const model::Repository& to_;
    std::set<model::Digest> done_;
};

/// What each target is now; throws where --no-clobber forbids to go on.
RetagRow plan_target(registry::RegistryClient& registry,
                     const model::Reference& target,
                     const model::Digest& digest,
                     const RetagOptions& options,
                     const std::stop_token& stop) {
    RetagRow row;
    row.reference = target.familiar();
    row.digest = digest.str();
    const auto current = registry.current(target, stop);
    if (!current) {
        return row;
    }
    row.previous = current->digest.str();
    row.unchanged = current->digest == digest;
    if (options.no_clobber && !row.unchanged) {
        base::PreconditionError error(target.familiar() +
                                      " exists with another digest: " + row.previous);
        error.facts().reference = target.str();
        throw error;
    }
    return row;
}

}  // namespace

model::Reference parse_retag_target(const model::Reference& source, std::string_view text) {
    if (model::is_valid_tag(text)) {
        return model::Reference::parse(source.repository().str() + ":" + std::string(text));
    }
    model::Reference target = model::Reference::parse(text);
    if (target.registry() != source.registry()) {
        base::UsageError error(target.familiar() + " is in another registry than " +
                               source.familiar());
        error.facts().reference = target.str();
        throw error;
    }
    if (target.digest()) {
        throw base::UsageError(target.familiar() + ": the new name is a tag, not a digest");
    }
    return target;
}

RetagReport retag(registry::RegistryClient& registry,
                  const model::Reference& source,
                  const std::vector<model::Reference>& targets,
                  const RetagOptions& options,
                  std::stop_token stop) {
    const model::Manifest manifest = registry.manifest(source, stop);
    check_source(source, manifest.digest(), options);

    RetagReport report;
    report.source = source.familiar();
    report.digest = manifest.digest().str();
    for (const model::Reference& target : targets) {
        report.targets.push_back(plan_target(registry, target, manifest.digest(), options, stop));
    }
    for (std::size_t i = 0; i < targets.size(); ++i) {
        if (report.targets[i].unchanged) {
            continue;
        }
        const model::Reference& target = targets[i];
        if (target.repository() != source.repository()) {
            CrossRepository(registry, source.repository(), target.repository())
                .bring(manifest, 0, stop);
        }
        const std::string& previous = report.targets[i].previous;
        registry.put_manifest(target, manifest, stop,
                              registry::TagBefore{model::Digest::try_parse(previous)});
        const model::Digest now = registry.resolve(target, stop).digest;
        if (now != manifest.digest()) {
            throw base::PreconditionError(target.familiar() + " moved to " + now.str() +
                                          " while it was retagged");
        }
    }
    return report;
}

}  // namespace regtool::ops
