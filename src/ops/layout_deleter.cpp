#include "regtool/ops/layout_deleter.hpp"

#include <algorithm>
#include <set>

#include "ops/layout_needs.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::ops {

namespace {

using store::LayoutIndex;

/// What an entry is called: its name, containerd's, or its digest.
std::string name_of(const LayoutIndex::Entry& entry) {
    if (const std::string name = entry.ref_name(); !name.empty()) {
        return name;
    }
    const std::string full = entry.full_name();
    return full.empty() ? "@" + entry.descriptor.digest.str() : full;
}

std::vector<std::string> names_of(const LayoutIndex& index, const model::Digest& digest) {
    std::set<std::string> names;
    for (const LayoutIndex::Entry& entry : index.entries()) {
        if (entry.descriptor.digest != digest) {
            continue;
        }
        for (const std::string& name : {entry.ref_name(), entry.full_name()}) {
            if (!name.empty()) {
                names.insert(name);
            }
        }
    }
    return {names.begin(), names.end()};
}

/// The digests that exactly this name stands for.
std::set<model::Digest> digests_named(const LayoutIndex& index, const std::string& name) {
    std::set<model::Digest> digests;
    for (const LayoutIndex::Entry& entry : index.entries()) {
        if (entry.ref_name() == name || entry.full_name() == name) {
            digests.insert(entry.descriptor.digest);
        }
    }
    return digests;
}

/// nullptr when it is not listed.
const model::Descriptor* listing_of(const LayoutIndex& index, const model::Digest& digest) {
    const auto found =
        std::find_if(index.entries().begin(), index.entries().end(),
                     [&digest](const auto& entry) { return entry.descriptor.digest == digest; });
    return found == index.entries().end() ? nullptr : &found->descriptor;
}

base::UsageError ambiguous(const store::Location& location, const LayoutIndex& index) {
    base::UsageError error(location.str() + ": several images have this name");
    for (const LayoutIndex::Entry& entry : index.entries()) {
        if (entry.ref_name() == *location.name || entry.full_name() == *location.name) {
            const std::string full = entry.full_name();
            error.add_context(entry.descriptor.digest.str() +
                              (full.empty() ? "" : ", " + base::printable(full, 200)));
        }
    }
    return error;
}

}  // namespace

LayoutDeletion::LayoutDeletion(std::unique_ptr<store::ImageStore> store, store::Location location)
    : store_(std::move(store)), location_(std::move(location)) {}

model::Digest LayoutDeletion::find_digest(const LayoutIndex& index,
                                          const std::stop_token& stop) const {
    if (location_.digest) {
        return *location_.digest;
    }
    if (location_.name) {
        // An image whose manifest is broken or missing has a name still, and can be deleted by it.
        const auto named = digests_named(index, *location_.name);
        if (named.size() > 1) {
            throw ambiguous(location_, index);
        }
        if (!named.empty()) {
            return *named.begin();
        }
    }
    return store_->resolve(stop).digest;
}

DeleteReport LayoutDeletion::plan(std::stop_token stop) {
    const LayoutIndex index = store::LayoutFolder::open(location_.path).index();
    const model::Digest digest = find_digest(index, stop);
    report_ = {};
    report_.in_layout = true;
    report_.reference = location_.place() + "@" + digest.str();
    report_.digest = digest.str();
    report_.tags = names_of(index, digest);
    for (const LayoutIndex::Entry& entry : index.entries()) {
        if (entry.descriptor.digest == digest) {
            continue;
        }
        LayoutNeeds needs(*store_);
        needs.add(entry.descriptor, stop);
        if (needs.contains(digest)) {
            report_.used_by.push_back(name_of(entry));
        }
    }
    for (const model::Descriptor& referrer : store_->referrers(digest, "", stop)) {
        report_.referrers.push_back(referrer.digest.str());
    }
    if (const model::Descriptor* listed = listing_of(index, digest)) {
        root_ = *listed;
        return report_;
    }
    if (!report_.used_by.empty()) {
        base::UsageError error(report_.reference +
                               " is a part of another image, and is deleted with it");
        error.set_hint("regtool delete " + location_.place() +
                       (report_.used_by.front().starts_with("@") ? "" : ":") +
                       base::printable(report_.used_by.front(), 200));
        throw error;
    }
    root_ = store_->resolve(stop);  // what a killed run left, listed by nothing
    return report_;
}

std::vector<model::Digest> LayoutDeletion::unneeded(const LayoutIndex& rest,
                                                    const std::stop_token& stop) {
    LayoutNeeds going(*store_);
    LayoutNeeds staying(*store_);
    going.add(*root_, stop);
    for (const LayoutIndex::Entry& entry : rest.entries()) {
        staying.add(entry.descriptor, stop);
    }
    if (!staying.unreadable().empty()) {
        report_.unknown.push_back("what other images need, so that all blobs stay: " +
                                  staying.unreadable().front());
        return {};
    }
    std::vector<model::Digest> unneeded;
    std::set_difference(going.digests().begin(), going.digests().end(), staying.digests().begin(),
                        staying.digests().end(), std::back_inserter(unneeded));
    return unneeded;
}

DeleteReport LayoutDeletion::run(std::stop_token stop) {
    const auto layout = store::LayoutFolder::open(location_.path);
    layout.own_blobs();
    std::vector<model::Digest> unneeded_blobs;
    layout.update_index([&](LayoutIndex& index) {
        if (names_of(index, root_->digest) != report_.tags) {
            throw base::PreconditionError(report_.reference +
                                          " was given or lost a name meanwhile: nothing was "
                                          "deleted");
        }
        index.remove(root_->digest);
        unneeded_blobs = unneeded(index, stop);
    });
    report_.freed.emplace();
    for (const model::Digest& digest : unneeded_blobs) {
        try {
            if (const auto size = layout.remove_blob(digest)) {
                ++report_.freed->blobs;
                report_.freed->bytes += *size;
            }
        } catch (base::Error& error) {
            error.add_context(report_.reference +
                              " is no longer listed, but not all of its "
                              "blobs could be removed");
            throw;
        }
    }
    report_.deleted = true;
    return report_;
}

DeleteReport untag_in_layout(const store::Location& location) {
    const store::LayoutFolder layout = store::LayoutFolder::open(location.path);
    DeleteReport report;
    report.in_layout = true;
    report.reference = location.str();
    report.tags = {*location.name};
    layout.update_index([&](LayoutIndex& index) {
        const auto digests = digests_named(index, *location.name);
        if (digests.empty()) {
            throw base::NotFound(location.place() + " has no name '" +
                                 base::printable(*location.name, 200) + "'");
        }
        if (digests.size() > 1) {
            throw ambiguous(location, index);
        }
        report.digest = digests.begin()->str();
        index.remove_name(*location.name);
    });
    report.deleted = true;
    return report;
}

}  // namespace regtool::ops
