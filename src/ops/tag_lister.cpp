#include "regtool/ops/tag_lister.hpp"

#include <algorithm>
#include <memory>
#include <set>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/image_config.hpp"
#include "regtool/ops/image_choice.hpp"
#include "regtool/ops/name_filter.hpp"
#include "regtool/ops/parallel.hpp"
#include "regtool/ops/semver.hpp"
#include "regtool/store/open_store.hpp"

namespace regtool::ops {

namespace {

/// Which tags of a page are wanted, by name alone.
class NameSelection {
  public:
    explicit NameSelection(const TagQuery& query) {
        if (!query.filter.empty()) {
            filter_.emplace("--filter", query.filter);
        }
        if (!query.semver.empty()) {
            range_ = VersionRange::parse(query.semver);
        }
    }

    [[nodiscard]] bool wants(const std::string& tag) const {
        if (filter_ && !filter_->matches(tag)) {
            return false;
        }
        if (range_) {
            const auto version = Version::parse(tag);
            return version && range_->contains(*version);
        }
        return true;
    }

  private:
    std::optional<NameFilter> filter_;
    std::optional<VersionRange> range_;
};

/// Opens the image that a tag names.
using OpenTag = std::function<std::unique_ptr<store::ImageStore>(const std::string&)>;

/// Fills digest, size, platforms and creation time of one tag.
class Describer {
  public:
    Describer(const OpenTag& open, std::stop_token stop) : open_(open), stop_(std::move(stop)) {}

    void describe(TagRow& row) const {
        const auto store = open_(row.name);
        const model::Manifest root = store->root(stop_);
        row.digest = root.digest().str();
        std::set<model::Digest> counted;
        std::uint64_t size = 0;
        if (const model::IndexManifest* index = root.index()) {
            size += root.bytes().size();
            for (const model::Descriptor& child : index->manifests) {
                describe_child(row, *store, child, counted, size);
            }
        } else if (root.image() != nullptr) {
            add_image(row, *store, root, counted, size, std::nullopt);
        }
        row.size = size;
    }

  private:
    void describe_child(TagRow& row,
                        store::ImageStore& store,
                        const model::Descriptor& child,
                        std::set<model::Digest>& counted,
                        std::uint64_t& size) const {
        if (child.is_attestation() || !counted.insert(child.digest).second) {
            return;
        }
        const model::Manifest manifest = store.manifest(child, stop_);
        if (manifest.image() != nullptr) {
            add_image(row, store, manifest, counted, size, child.platform);
        }
    }

    void add_image(TagRow& row,
                   store::ImageStore& store,
                   const model::Manifest& manifest,
                   std::set<model::Digest>& counted,
                   std::uint64_t& size,
                   const std::optional<model::Platform>& platform) const {
        const model::ImageManifest& image = *manifest.image();
        size += manifest.bytes().size();
        size += counted.insert(image.config.digest).second ? image.config.size : 0;
        for (const model::Descriptor& layer : image.layers) {
            size += counted.insert(layer.digest).second ? layer.size : 0;
        }
        if (platform) {
            row.platforms.push_back(platform->str());
        }
        // One configuration tells the age; the platforms of an index are built together.
        if (row.created.empty() && image.is_image()) {
            read_config(row, store, image, !platform);
        }
    }

    void read_config(TagRow& row,
                     store::ImageStore& store,
                     const model::ImageManifest& image,
                     bool take_platform) const {
        stream::StringSink sink(model::kMaxManifestBytes);
        store.fetch_blob({image.config.digest, image.config.size}, sink, stop_, {}, nullptr);
        const auto config = model::ImageConfig::parse(sink.text());
        row.created = config.created;
        if (take_platform) {
            row.platforms.push_back(config.platform.str());
        }
    }

    const OpenTag& open_;
    std::stop_token stop_;
};

void describe_all(const OpenTag& open,
                  std::vector<TagRow>& rows,
                  int jobs,
                  const std::stop_token& stop) {
    const Describer describer(open, stop);
    parallel_for(rows.size(), jobs, [&](std::size_t i) {
        try {
            describer.describe(rows[i]);
        } catch (const base::Cancelled&) {
            throw;
        } catch (const base::Error& error) {
            rows[i].error = error.message();
        }
    });
}

/// The digests of all tags come in bulk over the metadata lane.
void resolve_all(registry::RegistryClient& registry,
                 const model::Repository& repository,
                 std::vector<TagRow>& rows,
                 const std::stop_token& stop) {
    std::vector<model::Reference> references;
    references.reserve(rows.size());
    for (const TagRow& row : rows) {
        references.push_back(model::Reference::parse(repository.str() + ":" + row.name));
    }
    registry.resolve_many(
        references,
        [&rows](const registry::RegistryClient::Resolved& resolved) {
            TagRow& row = rows[resolved.index];
            if (const auto* descriptor = std::get_if<model::Descriptor>(&resolved.result)) {
                row.digest = descriptor->digest.str();
            } else {
                std::rethrow_exception(std::get<std::exception_ptr>(resolved.result));
            }
        },
        stop);
}

void keep_pointing_at(const model::Digest& wanted, std::vector<TagRow>& rows) {
    std::erase_if(rows, [&wanted](const TagRow& row) { return row.digest != wanted.str(); });
}

void sort_rows(std::vector<TagRow>& rows, TagOrder order) {
    switch (order) {
        case TagOrder::registry:
            return;
        case TagOrder::name:
            std::sort(rows.begin(), rows.end(),
                      [](const TagRow& a, const TagRow& b) { return a.name < b.name; });
            return;
        case TagOrder::created:
            std::stable_sort(rows.begin(), rows.end(), [](const TagRow& a, const TagRow& b) {
                return a.created < b.created;
            });
            return;
        case TagOrder::semver:
            // Tags that are no version come first, by name.
            std::stable_sort(rows.begin(), rows.end(), [](const TagRow& a, const TagRow& b) {
                const auto va = Version::parse(a.name);
                const auto vb = Version::parse(b.name);
                if (va && vb && *va != *vb) {
                    return *va < *vb;
                }
                return va.has_value() != vb.has_value() ? vb.has_value() : a.name < b.name;
            });
            return;
    }
}

bool needs_created(const TagQuery& query) {
    return query.details || query.order == TagOrder::created;
}

/// Rows can be shown as they come.
bool streams(const TagQuery& query) {
    return query.order == TagOrder::registry && !needs_created(query) && !query.points_at;
}

/// Orders, cuts and describes what was selected, and hands it on.
void finish_rows(std::vector<TagRow>& rows,
                 const TagQuery& query,
                 const OpenTag& open,
                 const std::function<void(const TagRow&)>& row,
                 const std::stop_token& stop) {
    const std::uint64_t limit = query.limit.value_or(UINT64_MAX);
    if (query.order != TagOrder::created && query.order != TagOrder::registry) {
        sort_rows(rows, query.order);
    }
    if (query.order != TagOrder::created && rows.size() > limit) {
        rows.resize(limit);
    }
    if (needs_created(query)) {
        describe_all(open, rows, query.jobs, stop);
    }
    if (query.order == TagOrder::created) {
        sort_rows(rows, query.order);
        rows.resize(std::min<std::size_t>(rows.size(), limit));
    }
    std::for_each(rows.begin(), rows.end(), row);
}

}  // namespace

void list_tags(registry::RegistryClient& registry,
               const model::Repository& repository,
               const TagQuery& query,
               const std::function<void(const TagRow&)>& row,
               std::stop_token stop) {
    const NameSelection selection(query);
    const std::uint64_t limit = query.limit.value_or(UINT64_MAX);
    if (limit == 0) {
        return;
    }

    registry::TagsOptions options;
    options.last = query.last;
    std::vector<TagRow> rows;
    std::uint64_t shown = 0;
    registry.tags(
        repository, options,
        [&](const std::vector<std::string>& names) {
            for (const std::string& name : names) {
                if (!selection.wants(name)) {
                    continue;
                }
                TagRow found;
                found.name = name;
                if (!streams(query)) {
                    rows.push_back(std::move(found));
                    continue;
                }
                row(found);
                if (++shown == limit) {
                    return false;
                }
            }
            return true;
        },
        stop);

    if (query.points_at) {
        resolve_all(registry, repository, rows, stop);
        keep_pointing_at(*query.points_at, rows);
    }
    const OpenTag open = [&](const std::string& tag) {
        return store::open_image(repository.str() + ":" + tag, registry);
    };
    finish_rows(rows, query, open, row, stop);
}

void list_names(store::ImageStore& place,
                const TagQuery& query,
                const std::function<void(const TagRow&)>& row,
                std::stop_token stop) {
    const NameSelection selection(query);
    std::vector<TagRow> rows;
    bool begun = query.last.empty();
    for (const std::string& name : place.names(stop)) {
        if (begun && selection.wants(name)) {
            rows.emplace_back().name = name;
        }
        begun = begun || name == query.last;
    }
    const OpenTag open = [&place](const std::string& name) { return place.named(name); };
    if (query.points_at) {
        for (TagRow& found : rows) {
            found.digest = open(found.name)->resolve(stop).digest.str();
        }
        keep_pointing_at(*query.points_at, rows);
    }
    finish_rows(rows, query, open, row, stop);
}

}  // namespace regtool::ops
