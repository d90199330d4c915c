#include "regtool/ops/differ.hpp"

#include <utility>

#include "file_diff.hpp"
#include "json_diff.hpp"
#include "package_diff.hpp"

namespace regtool::ops {

namespace {

struct Side {
    store::ImageStore& store;
    ChosenImage chosen;
    const model::ImageManifest* image = nullptr;

    Side(store::ImageStore& place,
         const std::optional<model::Platform>& platform,
         const std::stop_token& stop)
        : store(place), chosen(choose_image(place, platform, stop)) {
        image = &require_image(chosen.manifest, store.name());
    }

    Side(const Side&) = delete;
    Side& operator=(const Side&) = delete;
    Side(Side&&) = delete;
    Side& operator=(Side&&) = delete;
    ~Side() = default;

    [[nodiscard]] DiffSide described() const {
        return {store.name(), chosen.manifest.digest().str()};
    }

    /// What an index adds to the image; nullptr where the name stands for the image itself.
    [[nodiscard]] const model::Manifest* index() const {
        return chosen.root.index() != nullptr ? &chosen.root : nullptr;
    }

    [[nodiscard]] ImageView open(ProgressListener& progress,
                                 const std::stop_token& stop,
                                 const LayerIndexCache* cache) const {
        return open_view(store, chosen, ViewUse::compare, progress, stop, cache);
    }
};

/// Digests tell what no field shows: blanks and the order of members.
void add_digests(std::vector<FieldChange>& changes,
                 const std::string& field,
                 const std::string& before,
                 const std::string& after,
                 DiffDepth depth) {
    if (depth == DiffDepth::exact && before != after) {
        changes.insert(changes.begin(), {field, '"' + before + '"', '"' + after + '"'});
    }
}

std::vector<FieldChange> diff_index_and_manifest(const Side& before,
                                                 const Side& after,
                                                 DiffDepth depth) {
    const model::Manifest& first = before.chosen.manifest;
    const model::Manifest& second = after.chosen.manifest;
    std::vector<FieldChange> changes;
    if (first.digest() != second.digest()) {
        changes = diff_manifests(first.bytes(), second.bytes(), depth);
        add_digests(changes, "digest", first.digest().str(), second.digest().str(), depth);
    }
    if (before.index() == nullptr || after.index() == nullptr ||
        before.index()->digest() == after.index()->digest()) {
        return changes;
    }
    std::vector<FieldChange> whole =
        diff_manifests(before.index()->bytes(), after.index()->bytes(), depth);
    for (FieldChange& change : whole) {
        change.field.insert(0, "index.");
    }
    add_digests(whole, "index.digest", before.index()->digest().str(),
                after.index()->digest().str(), depth);
    whole.insert(whole.end(), std::make_move_iterator(changes.begin()),
                 std::make_move_iterator(changes.end()));
    return whole;
}

std::vector<FieldChange> diff_configurations(const Side& before,
                                             const Side& after,
                                             DiffDepth depth,
                                             const std::stop_token& stop) {
    const model::Digest& first = before.image->config.digest;
    const model::Digest& second = after.image->config.digest;
    std::vector<FieldChange> changes;
    if (first == second) {
        return changes;
    }
    // An artifact's configuration may be anything: nothing can be said of it but its digest.
    if (before.image->is_image() && after.image->is_image()) {
        changes = diff_configs(fetch_config(before.store, before.chosen.manifest, stop),
                               fetch_config(after.store, after.chosen.manifest, stop), depth);
        add_digests(changes, "digest", first.str(), second.str(), depth);
    } else {
        add_digests(changes, "digest", first.str(), second.str(), DiffDepth::exact);
    }
    return changes;
}

/// Sets report.files and report.packages as asked for.
void diff_contents(DiffResult& result,
                   const Side& before,
                   const Side& after,
                   const DiffOptions& options,
                   ProgressListener& progress,
                   const std::stop_token& stop,
                   const LayerIndexCache* cache) {
    DiffReport& report = result.report;
    ImageView first = before.open(progress, stop, cache);
    ImageView second = after.open(progress, stop, cache);
    if (options.files) {
        report.files.emplace();
    }
    if (options.packages) {
        report.packages.emplace();
    }
    LayerPair pair(first, second, cache);
    if (pair.same()) {
        return;
    }
    pair.load(options.jobs);
    const layer::MergedTree tree_before = pair.tree(PairSide::before);
    const layer::MergedTree tree_after = pair.tree(PairSide::after);
    FileDiff files(pair, tree_before, tree_after, options.depth);
    PackageDiff packages(pair, tree_before, tree_after);
    if (options.files) {
        files.find();
    }
    if (options.packages) {
        packages.find();
    }
    pair.read(options.jobs);
    if (options.files) {
        report.files = files.finish();
    }
    if (options.packages) {
        report.packages = packages.finish();
        report.notes = packages.notes();
    }
    for (const ImageView* view : {&first, &second}) {
        for (std::string& line : fetch_summary(*view)) {
            result.fetched.push_back(view->reference + ": " + std::move(line));
        }
    }
}

}  // namespace

DiffResult diff_images(store::ImageStore& before,
                       store::ImageStore& after,
                       const DiffOptions& options,
                       ProgressListener& progress,
                       std::stop_token stop,
                       const LayerIndexCache* cache) {
    const Side first(before, options.platform, stop);
    const Side second(after, options.platform, stop);
    DiffResult result;
    result.report.before = first.described();
    result.report.after = second.described();
    if (options.manifest) {
        result.report.manifest = diff_index_and_manifest(first, second, options.depth);
    }
    if (options.config) {
        result.report.config = diff_configurations(first, second, options.depth, stop);
    }
    if (options.files || options.packages) {
        diff_contents(result, first, second, options, progress, stop, cache);
    }
    return result;
}

}  // namespace regtool::ops
