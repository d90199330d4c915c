#include "store/tar_index.hpp"

#include <algorithm>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/layer/layer_reader.hpp"

namespace regtool::store {

namespace {

constexpr std::uint64_t kMaxEntries = 1'000'000;
/// What the index may keep; an image has a hundred entries or so.
constexpr std::size_t kMaxNameBytes = std::size_t{32} << 20;
constexpr std::size_t kNameOverhead = 128;

}  // namespace

TarIndex TarIndex::read(Content archive, const std::stop_token& stop) {
    TarIndex index(std::move(archive));
    try {
        index.read_entries(stop);
    } catch (base::Error& error) {
        error.prefix(base::printable(index.where()));
        throw;
    }
    return index;
}

void TarIndex::read_entries(const std::stop_token& stop) {
    auto source = std::make_unique<ContentSource>(archive_);
    layer::TarOrigin origin{
        "the archive", [&content = *source](std::uint64_t count) { return content.skip(count); }};
    layer::LayerLimits limits;
    limits.max_entries = kMaxEntries;
    layer::LayerReader reader(std::move(source), limits, std::move(origin));
    while (const layer::Entry* entry = reader.next()) {
        check_stop(stop);
        if (entry->type == layer::EntryType::directory) {
            continue;
        }
        std::string name = layer::clean_path(entry->path);
        Place place;
        if (entry->type == layer::EntryType::file) {
            place.kind = Kind::file;
            place.offset = reader.content_offset();
            place.size = entry->size;
        } else if (entry->type == layer::EntryType::symlink) {
            place.kind = Kind::symlink;
            place.target = entry->link_target;
        } else if (entry->type == layer::EntryType::hardlink) {
            place.kind = Kind::hardlink;
            place.target = entry->link_target;
        }
        add(std::move(name), std::move(place), stop);
    }
}

void TarIndex::add(std::string name, Place place, const std::stop_token& stop) {
    name_bytes_ += name.size() + place.target.size() + kNameOverhead;
    if (name_bytes_ > kMaxNameBytes) {
        throw base::IntegrityError("the archive has too many names for an image: refused");
    }
    const auto known = entries_.find(name);
    if (known == entries_.end()) {
        entries_.emplace(std::move(name), std::move(place));
    } else if (!is_same(known->second, place, stop)) {
        known->second.ambiguous = true;
    }
}

bool TarIndex::is_same(const Place& a, const Place& b, const std::stop_token& stop) const {
    if (a.kind != b.kind || a.size != b.size || a.target != b.target) {
        return false;
    }
    return a.kind != Kind::file || have_same_bytes(content_of("", a), content_of("", b), stop);
}

const TarIndex::Place* TarIndex::place_of(std::string_view name) const {
    const auto found = entries_.find(layer::clean_path(name));
    if (found == entries_.end()) {
        return nullptr;
    }
    if (found->second.ambiguous) {
        throw base::InvalidDocument(base::printable(where()) + " holds '" +
                                    base::printable(name, 200) +
                                    "' more than once, and not the same");
    }
    return &found->second;
}

Content TarIndex::content_of(std::string_view name, const Place& place) const {
    Content content = archive_;
    content.offset += place.offset;
    content.size = place.size;
    content.where += ": " + std::string(name);
    return content;
}

std::optional<Content> TarIndex::find(std::string_view name) const {
    const Place* place = place_of(name);
    if (place == nullptr) {
        return std::nullopt;
    }
    if (place->kind != Kind::file) {
        throw base::IntegrityError("'" + base::printable(name, 200) + "' in " +
                                   base::printable(where()) +
                                   " is not a regular file: refused, for it may lead elsewhere");
    }
    return content_of(name, *place);
}

std::optional<Content> TarIndex::find_behind_link(std::string_view name) const {
    const Place* place = place_of(name);
    if (place == nullptr) {
        return std::nullopt;
    }
    if (place->kind == Kind::symlink) {
        const std::string link = layer::clean_path(name);
        const std::size_t slash = link.rfind('/');
        return find((slash == std::string::npos ? "" : link.substr(0, slash + 1)) + place->target);
    }
    return find(place->kind == Kind::hardlink ? std::string_view(place->target) : name);
}

}  // namespace regtool::store
