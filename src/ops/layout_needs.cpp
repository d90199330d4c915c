#include "ops/layout_needs.hpp"

#include <nlohmann/json.hpp>

#include "ops/copy_graph.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/json.hpp"
#include "regtool/model/manifest.hpp"
#include "regtool/model/media_type.hpp"

namespace regtool::ops {

namespace {

/// More than any layout has; a hostile one ends here.
constexpr std::size_t kMostDigests = 2'000'000;

using Json = nlohmann::ordered_json;

/// Whether it may name other content: a manifest, or what another tool may use as one.
bool is_document(const model::Descriptor& descriptor) {
    switch (model::kind_of(descriptor.media_type)) {
        case model::MediaKind::index:
        case model::MediaKind::manifest:
        case model::MediaKind::schema1:
            return true;
        case model::MediaKind::opaque:
            return descriptor.size <= model::kMaxManifestBytes;
        case model::MediaKind::config:
        case model::MediaKind::layer:
        case model::MediaKind::foreign_layer:
        case model::MediaKind::empty:
            break;
    }
    return false;
}

model::Descriptor named_only(model::Digest digest) {
    return {"", std::move(digest), SIZE_MAX, {}, {}, {}, {}, {}};
}

void collect_digests(const Json& json, std::vector<model::Descriptor>& found) {
    if (json.is_string()) {
        if (auto digest = model::Digest::try_parse(json.get_ref<const std::string&>())) {
            found.push_back(named_only(std::move(*digest)));
        }
    } else if (json.is_structured()) {
        for (const Json& element : json) {
            collect_digests(element, found);
        }
    }
}

/// Whatever looks like a digest in a document of a type that is not known here, which other tools
/// may read: it must stay. No document: nothing.
std::vector<model::Descriptor> digests_in(const std::string& bytes) {
    std::vector<model::Descriptor> found;
    try {
        collect_digests(base::parse_json(bytes, "document"), found);
    } catch (const base::InvalidDocument&) {
        found.clear();
    }
    return found;
}

std::vector<model::Descriptor> parts_of_manifest(const model::Manifest& manifest) {
    std::vector<model::Descriptor> parts = child_manifests(manifest);
    for (model::Descriptor& blob : blobs_of(manifest)) {
        parts.push_back(std::move(blob));
    }
    if (const model::Schema1Manifest* old = manifest.schema1()) {
        for (const model::Digest& layer : old->layers) {
            parts.push_back(named_only(layer));
        }
    }
    return parts;
}

}  // namespace

void LayoutNeeds::insert(const model::Digest& digest) {
    if (digests_.size() >= kMostDigests) {
        throw base::InvalidDocument("the layout lists more than " + std::to_string(kMostDigests) +
                                    " manifests and blobs");
    }
    digests_.insert(digest);
}

std::vector<model::Descriptor> LayoutNeeds::parts_of(const model::Descriptor& document,
                                                     const std::stop_token& stop) {
    try {
        if (model::kind_of(document.media_type) != model::MediaKind::opaque) {
            return parts_of_manifest(store_.manifest(document, stop));
        }
        stream::StringSink bytes(model::kMaxManifestBytes);
        store_.fetch_blob({document.digest, document.size}, bytes, stop, {}, nullptr);
        return digests_in(bytes.text());
    } catch (const base::Cancelled&) {
        throw;
    } catch (const base::NotFound&) {
        return {};
    } catch (const base::Error& error) {
        unreadable_.push_back(error.message());
        return {};
    }
}

void LayoutNeeds::add(const model::Descriptor& listed, const std::stop_token& stop) {
    // A list in place of recursion: a layout may nest as deep as it likes.
    std::vector<model::Descriptor> waiting{listed};
    while (!waiting.empty()) {
        const model::Descriptor next = std::move(waiting.back());
        waiting.pop_back();
        if (digests_.contains(next.digest)) {
            continue;
        }
        insert(next.digest);
        if (!is_document(next)) {
            continue;
        }
        // The parts of an image are bytes; only an index lists documents.
        const bool lists_documents = model::kind_of(next.media_type) == model::MediaKind::index;
        for (model::Descriptor& part : parts_of(next, stop)) {
            if (lists_documents) {
                waiting.push_back(std::move(part));
            } else {
                insert(part.digest);
            }
        }
    }
}

}  // namespace regtool::ops
