#include "ops/copy_writer.hpp"

#include <algorithm>
#include <map>

#include "regtool/base/text.hpp"
#include "regtool/ops/parallel.hpp"

namespace regtool::ops {

namespace {

std::string name_of(const model::Descriptor& child) {
    return child.digest.str() + (child.platform ? " (" + child.platform->str() + ")" : "");
}

/// Says why a registry did not take an index: it wants the children to be there (DS, Push).
void explain_refusal(base::Error& error, const std::vector<model::Descriptor>& missing) {
    constexpr std::size_t kMostNamed = 10;
    error.add_context("it takes no index whose children are missing");
    for (std::size_t i = 0; i < std::min(missing.size(), kMostNamed); ++i) {
        error.add_context("missing in the source: " + base::printable(name_of(missing[i])));
    }
    if (missing.size() > kMostNamed) {
        error.add_context("and " + std::to_string(missing.size() - kMostNamed) + " more");
    }
    error.set_hint(
        "--platform P,P makes an index of what is there; folders and archives (oci:DIR) take this "
        "one");
}

}  // namespace

CopyWriter::CopyWriter(std::deque<CopyRoot>& roots,
                       const CopyGraph& graph,
                       store::ImageTarget& target,
                       const CopyOptions& options,
                       ProgressListener& progress,
                       std::stop_token stop)
    : roots_(roots),
      graph_(graph),
      target_(target),
      options_(options),
      progress_(progress),
      stop_(std::move(stop)),
      mover_(target, progress) {}

void CopyWriter::run() {
    move_blobs();
    put_manifests();
    target_.finish(stop_);
    confirm_names();
}

void CopyWriter::plan() {
    std::vector<model::Descriptor> blobs;
    for (const auto& [digest, blob] : graph_.blobs) {
        const bool stays = blob.foreign && !options_.foreign_layers;
        plan_.push_back({&blob, stays ? BlobAction::foreign : BlobAction::move});
        if (!stays) {
            blobs.push_back(blob.descriptor);
        }
    }
    std::vector<model::Descriptor> manifests;
    for (const auto& [digest, node] : graph_.manifests) {
        manifests.push_back(node.manifest.descriptor());
    }
    std::vector<bool> have_blobs;
    std::vector<bool> have_manifests;
    parallel_for(2, options_.jobs, [&](std::size_t i) {
        if (i == 0 && !blobs.empty()) {
            have_blobs = target_.have_blobs(blobs, stop_);
        } else if (i == 1 && !manifests.empty()) {
            have_manifests = target_.have_manifests(manifests, stop_);
        }
    });
    std::size_t asked = 0;
    for (PlannedBlob& planned : plan_) {
        if (planned.action != BlobAction::foreign && have_blobs[asked++]) {
            planned.action = BlobAction::present;
        } else if (planned.action == BlobAction::move && mover_.may_mount(*planned.blob->source)) {
            planned.action = BlobAction::mount;
        }
    }
    for (std::size_t i = 0; i < manifests.size(); ++i) {
        if (have_manifests[i]) {
            present_manifests_.insert(manifests[i].digest);
        }
    }
}

void CopyWriter::move_blobs() {
    std::vector<PlannedBlob*> work;
    TransferPlan whole;
    for (PlannedBlob& planned : plan_) {
        const std::uint64_t size = planned.blob->descriptor.size;
        if (planned.action == BlobAction::move || planned.action == BlobAction::mount) {
            work.push_back(&planned);
            ++whole.items;
            whole.bytes += size;
        } else if (planned.action == BlobAction::present) {
            ++whole.skipped_items;
            whole.skipped_bytes += size;
        }
    }
    // Large ones first: the last worker shall not be left alone with the longest blob.
    std::stable_sort(work.begin(), work.end(), [](const auto* a, const auto* b) {
        return a->blob->descriptor.size > b->blob->descriptor.size;
    });
    progress_.planned(whole);
    parallel_for(work.size(), std::min(options_.jobs, target_.max_parallel_blobs()),
                 [&](std::size_t i) { bring(*work[i]); });
}

void CopyWriter::bring(PlannedBlob& planned) {
    const model::Digest& digest = planned.blob->descriptor.digest;
    try {
        planned.action = mover_.bring(*planned.blob, stop_);
    } catch (const base::Cancelled&) {
        throw;
    } catch (const base::Error&) {
        if (!options_.keep_going) {
            throw;
        }
        fail(digest, std::current_exception());
    }
}

void CopyWriter::fail(const model::Digest& digest, std::exception_ptr error) {
    failed_.with([&](auto& failed) { failed.emplace(digest, std::move(error)); });
}

std::exception_ptr CopyWriter::failure_of(const model::Manifest& manifest) const {
    std::vector<model::Descriptor> parts = blobs_of(manifest);
    const auto children = child_manifests(manifest);
    parts.insert(parts.end(), children.begin(), children.end());
    return failed_.with([&](const auto& failed) {
        for (const model::Descriptor& part : parts) {
            if (const auto found = failed.find(part.digest); found != failed.end()) {
                return found->second;
            }
        }
        return std::exception_ptr();
    });
}

void CopyWriter::put_part(const CopyGraph::Node& node) {
    try {
        put(node, std::nullopt);
    } catch (const base::Cancelled&) {
        throw;
    } catch (const base::Error&) {
        if (!options_.keep_going) {
            throw;
        }
        fail(node.manifest.digest(), std::current_exception());
    }
}

void CopyWriter::put(const CopyGraph::Node& node, const std::optional<std::string>& name) {
    if (const std::exception_ptr error = failure_of(node.manifest)) {
        std::rethrow_exception(error);
    }
    try {
        target_.put_manifest(node.manifest, name, stop_);
    } catch (base::Error& error) {
        const std::string& code = error.facts().code;
        if (code != "MANIFEST_BLOB_UNKNOWN" && code != "BLOB_UNKNOWN") {
            throw;
        }
        if (const auto missing = graph_.missing_from(node.manifest); !missing.empty()) {
            explain_refusal(error, missing);
            throw;
        }
        for (const model::Descriptor& part : blobs_of(node.manifest)) {
            const CopyGraph::Blob& blob = graph_.blobs.at(part.digest);
            if (!blob.foreign || options_.foreign_layers) {
                mover_.move(blob, stop_);
            }
        }
        target_.put_manifest(node.manifest, name, stop_);
    }
}

void CopyWriter::confirm_names() {
    if (!target_.repository()) {
        return;
    }
    parallel_for(roots_.size(), options_.jobs, [this](std::size_t i) {
        CopyRoot& root = roots_[i];
        attempt(root, options_, [&] {
            for (const std::string& name : root.item.names) {
                const auto now = target_.current(name, stop_);
                if (!now || now->digest != root.digest()) {
                    throw not_as_it_was(
                        name_in(target_, name),
                        (now ? " moved to " + now->digest.str() : std::string(" vanished")) +
                            " while " + root.digest().str() + " was copied to it");
                }
            }
        });
    });
}

std::vector<std::vector<const CopyGraph::Node*>> CopyWriter::unnamed_by_rank() const {
    std::set<model::Digest> with_name;
    for (const CopyRoot& root : roots_) {
        if (root.manifest && !root.item.names.empty()) {
            with_name.insert(root.digest());
        }
    }
    std::set<model::Digest> children;
    for (const auto& [digest, node] : graph_.manifests) {
        for (const model::Descriptor& child : child_manifests(node.manifest)) {
            children.insert(child.digest);
        }
    }
    std::vector<std::vector<const CopyGraph::Node*>> ranks;
    for (const auto& [digest, node] : graph_.manifests) {
        // What gets a name is put under it, once, unless a parent needs it before.
        const bool is_child = children.contains(digest);
        const bool later = with_name.contains(digest) && !is_child;
        // A folder lists what has neither name nor parent only when it is put.
        const bool listed = !is_child && !target_.repository();
        if (later || (present_manifests_.contains(digest) && !listed)) {
            continue;
        }
        const auto rank = static_cast<std::size_t>(node.rank);
        ranks.resize(std::max(ranks.size(), rank + 1));
        ranks[rank].push_back(&node);
    }
    return ranks;
}

void CopyWriter::put_manifests() {
    for (const auto& level : unnamed_by_rank()) {
        parallel_for(level.size(), options_.jobs, [&](std::size_t i) { put_part(*level[i]); });
    }
    // Folders list names in the order in which they are given.
    const int jobs = target_.repository() ? options_.jobs : 1;
    // Children first here, too: a registry may rewrite a manifest that gets one more name while it
    // looks for it as a part of an index.
    std::map<int, std::vector<CopyRoot*>> by_rank;
    for (CopyRoot& root : roots_) {
        const auto node =
            root.manifest ? graph_.manifests.find(root.digest()) : graph_.manifests.end();
        by_rank[node == graph_.manifests.end() ? 0 : node->second.rank].push_back(&root);
    }
    for (const auto& entry : by_rank) {
        const std::vector<CopyRoot*>& level = entry.second;
        parallel_for(level.size(), jobs, [&](std::size_t i) {
            attempt(*level[i], options_, [&] { give_names(*level[i]); });
        });
    }
}

void CopyWriter::give_names(CopyRoot& root) {
    const CopyGraph::Node& node = graph_.manifests.at(root.digest());
    for (std::size_t i = 0; i < root.current.size(); ++i) {
        const std::string& name = root.item.names[i];
        const bool has_it = root.current[i] && root.current[i]->digest == root.digest();
        if (has_it && target_.repository()) {
            continue;
        }
        if (options_.no_clobber) {
            require_unclobbered(root, name, target_.current(name, stop_), target_);
        }
        put(node, name);
    }
    if (root.current.empty()) {
        // Nothing else to do, but a failure of its parts is its own.
        if (const auto error = failed_.with([&](const auto& failed) {
                const auto found = failed.find(root.digest());
                return found == failed.end() ? nullptr : found->second;
            })) {
            std::rethrow_exception(error);
        }
    }
}

}  // namespace regtool::ops
