#include "ops/copy_reader.hpp"

#include <algorithm>
#include <cstdint>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ops/image_choice.hpp"
#include "regtool/ops/parallel.hpp"

namespace regtool::ops {

namespace {

constexpr int kMaxReferrerDepth = 16;  ///< of referrers of referrers (RFR-12)

/// What "sha256-<hex>.sig", ".att" or ".sbom" belongs to. The bare form is a registry's own list of
/// referrers, which the target makes itself.
std::optional<model::Digest> digest_of_tag(const std::string& name) {
    constexpr std::string_view kPrefix = "sha256-";
    const std::size_t dot = name.find('.');
    if (!name.starts_with(kPrefix) || dot == std::string::npos) {
        return std::nullopt;
    }
    return model::Digest::try_parse("sha256:" + name.substr(kPrefix.size(), dot - kPrefix.size()));
}

std::optional<model::Digest> subject_of(const model::Manifest& manifest) {
    const std::optional<model::Descriptor>* subject = nullptr;
    if (manifest.image() != nullptr) {
        subject = &manifest.image()->subject;
    } else if (manifest.index() != nullptr) {
        subject = &manifest.index()->subject;
    }
    return subject != nullptr && *subject ? std::optional((*subject)->digest) : std::nullopt;
}

}  // namespace

base::PreconditionError not_as_it_was(const std::string& name, const std::string& why) {
    base::PreconditionError error(base::printable(name) + why);
    error.facts().reference = name;
    return error;
}

std::string name_in(const store::ImageTarget& target, const std::string& name) {
    return target.repository_name() + ":" + name;
}

void require_unclobbered(const CopyRoot& root,
                         const std::string& name,
                         const std::optional<model::Descriptor>& current,
                         const store::ImageTarget& target) {
    if (current && current->digest != root.digest()) {
        throw not_as_it_was(name_in(target, name),
                            " exists with another digest: " + current->digest.str());
    }
}

CopyReader::CopyReader(const std::vector<CopyItem>& items,
                       store::ImageTarget& target,
                       const CopyOptions& options,
                       ProgressListener& progress,
                       std::stop_token stop)
    : roots(items.begin(), items.end()),
      target_(target),
      options_(options),
      progress_(progress),
      stop_(std::move(stop)),
      reader_(graph, options.jobs, options.allow_missing) {}

void CopyReader::run() {
    Roots asked;
    for (CopyRoot& root : roots) {
        asked.push_back(&root);
    }
    read(asked);
    if (options_.digest_tags) {
        add_digest_tags();
    }
    if (options_.referrers) {
        add_referrers();
    }
    reader_.finish();
    graph.collect_blobs();
}

std::vector<std::string> CopyReader::notes() const {
    return notes_.with(
        [](const auto& notes) { return std::vector<std::string>(notes.begin(), notes.end()); });
}

void CopyReader::look_at_both_sides(const Roots& some) {
    std::vector<std::pair<CopyRoot*, std::size_t>> questions;
    constexpr std::size_t kSource = SIZE_MAX;
    for (CopyRoot* root : some) {
        questions.emplace_back(root, kSource);
        for (std::size_t i = 0; i < root->item.names.size(); ++i) {
            questions.emplace_back(root, i);
        }
    }
    std::vector<std::exception_ptr> failures(questions.size());
    parallel_for(questions.size(), options_.jobs, [&](std::size_t i) {
        const auto& [root, name] = questions[i];
        try {
            if (name == kSource) {
                root->found = root->item.source->resolve(stop_);
            } else {
                root->current[name] = target_.current(root->item.names[name], stop_);
            }
        } catch (const base::Error&) {
            if (!options_.keep_going) {
                throw;
            }
            failures[i] = std::current_exception();
        }
    });
    for (std::size_t i = 0; i < questions.size(); ++i) {
        CopyRoot& root = *questions[i].first;
        attempt(root, options_, [&] {
            if (failures[i]) {
                std::rethrow_exception(failures[i]);
            }
        });
    }
    for (CopyRoot* root : some) {
        attempt(*root, options_, [&] { check_source(*root); });
    }
}

void CopyReader::check_source(CopyRoot& root) const {
    const std::string name = root.item.source->name();
    if (options_.if_digest && !root.attached && *options_.if_digest != root.found->digest) {
        throw not_as_it_was(
            name, " is at " + root.found->digest.str() + ", not at " + options_.if_digest->str());
    }
    if (options_.digest_tags || options_.referrers || options_.allow_missing) {
        return;  // more is asked for even where the image is there, or its children may not be
    }
    // A registry vouches for what it has given a name; folders are looked at again (T-38).
    root.unchanged =
        target_.repository() && keeps_digest() && !root.current.empty() &&
        std::all_of(root.current.begin(), root.current.end(), [&root](const auto& current) {
            return current && current->digest == root.found->digest;
        });
}

void CopyReader::check_names(const CopyRoot& root) const {
    const auto wanted = target_.wanted_digest();
    if (wanted && !root.attached && *wanted != root.digest()) {
        throw base::IntegrityError(base::printable(root.item.source->name()) + " has digest " +
                                   root.digest().str() + ", " + base::printable(target_.name()) +
                                   " names another");
    }
    for (std::size_t i = 0; options_.no_clobber && i < root.current.size(); ++i) {
        require_unclobbered(root, root.item.names[i], root.current[i], target_);
    }
}

bool CopyReader::keeps_digest() const {
    return options_.platforms.empty() && !options_.one_image && !options_.conversion.any();
}

model::Manifest CopyReader::read_found(const CopyRoot& root) const {
    store::ImageStore& source = *root.item.source;
    try {
        return source.manifest(*root.found, stop_);
    } catch (const base::NotFound&) {
        throw not_as_it_was(source.name(), " was at " + root.found->digest.str() +
                                               ", which is gone: it moved while it was read");
    }
}

model::Manifest CopyReader::read_root(const CopyRoot& root) const {
    store::ImageStore& source = *root.item.source;
    model::Manifest manifest = read_found(root);
    if (root.attached) {
        return manifest;
    }
    try {
        if (options_.platforms.size() == 1) {
            return choose_image(source, std::move(manifest), options_.platforms.front(), stop_)
                .manifest;
        }
        if (options_.one_image && options_.platforms.empty()) {
            return choose_image(source, std::move(manifest), std::nullopt, stop_).manifest;
        }
        return options_.platforms.empty()
                   ? manifest
                   : choose_platforms(source, manifest, options_.platforms, stop_);
    } catch (const base::NotFound& absent) {
        base::IntegrityError error(base::printable(source.name()) +
                                   " lacks a part of the image that was asked for");
        error.facts() = absent.facts();
        error.add_context(absent.message());
        throw error;
    }
}

void CopyReader::convert(CopyRoot& root) {
    if (!options_.conversion.any() || root.attached) {
        return;
    }
    ConvertedImage converted = convert_image(root.source, *root.manifest, options_.conversion,
                                             options_.jobs, progress_, stop_);
    root.source = std::move(converted.store);
    root.manifest = std::move(converted.root);
    notes_.with([&](auto& notes) { notes.insert(converted.notes.begin(), converted.notes.end()); });
}

void CopyReader::read(const Roots& some) {
    look_at_both_sides(some);
    parallel_for(some.size(), options_.jobs, [&](std::size_t i) {
        CopyRoot& root = *some[i];
        attempt(root, options_, [&] {
            // As soon as the digest is known: what is refused is not read, nor are its blobs moved.
            const bool is_known = root.attached || keeps_digest();
            if (is_known) {
                check_names(root);
            }
            root.manifest = read_root(root);
            convert(root);
            if (!is_known) {
                check_names(root);
            }
            target_.check_root(*root.manifest);
        });
    });
    for (CopyRoot* root : some) {
        attempt(*root, options_, [&] { reader_.add(*root->source, *root->manifest, stop_); });
    }
}

void CopyReader::add_referrers() {
    std::set<model::Digest> asked;
    for (int depth = 0;; ++depth) {
        std::vector<std::pair<model::Digest, store::ImageStore*>> subjects;
        for (const auto& [digest, node] : graph.manifests) {
            if (asked.insert(digest).second) {
                subjects.emplace_back(digest, node.source);
            }
        }
        if (subjects.empty()) {
            return;
        }
        if (depth > kMaxReferrerDepth) {
            throw base::InvalidDocument("referrers of referrers, deeper than " +
                                        std::to_string(kMaxReferrerDepth));
        }
        std::vector<std::vector<model::Descriptor>> listed(subjects.size());
        parallel_for(subjects.size(), options_.jobs, [&](std::size_t i) {
            listed[i] = subjects[i].second->referrers(subjects[i].first, {}, stop_);
        });
        for (std::size_t i = 0; i < subjects.size(); ++i) {
            add_referrers_of(subjects[i].first, *subjects[i].second, listed[i]);
        }
    }
}

void CopyReader::add_referrers_of(const model::Digest& subject,
                                  store::ImageStore& source,
                                  const std::vector<model::Descriptor>& listed) {
    std::vector<std::optional<model::Manifest>> read(listed.size());
    parallel_for(listed.size(), options_.jobs, [&](std::size_t i) {
        if (!graph.manifests.contains(listed[i].digest)) {
            read[i] = source.manifest(listed[i], stop_);
        }
    });
    for (auto& manifest : read) {
        if (!manifest || graph.manifests.contains(manifest->digest())) {
            continue;
        }
        if (subject_of(*manifest) != subject) {
            // A listing can say anything; what is signed is what the manifest names (T-42).
            notes_.with([&](auto& notes) {
                notes.insert(manifest->digest().str() + " is listed as a referrer of " +
                             subject.str() + " but does not name it: left out");
            });
            continue;
        }
        reader_.add(source, std::move(*manifest), stop_);
    }
}

void CopyReader::add_digest_tags() {
    // A source may be there many times, once for each of its names: its list is read once.
    std::map<std::string, CopyItem> places;
    for (const CopyRoot& root : roots) {
        places.try_emplace(root.item.source->repository_name(), root.item);
    }
    for (const auto& entry : places) {
        const CopyItem& item = entry.second;
        std::vector<std::string> names = item.source->names(stop_);
        // What was found may have digest tags itself: a signature of an SBOM.
        for (Roots added{nullptr}; !added.empty();) {
            added.clear();
            std::erase_if(names, [&](const std::string& name) {
                const auto digest = digest_of_tag(name);
                if (!digest || !graph.manifests.contains(*digest)) {
                    return false;
                }
                CopyRoot& root = roots.emplace_back(CopyItem{item.source->named(name), {name}});
                root.attached = true;
                added.push_back(&root);
                return true;
            });
            read(added);
        }
    }
}

}  // namespace regtool::ops
