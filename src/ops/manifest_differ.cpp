#include "regtool/ops/manifest_differ.hpp"

#include "ops/json_diff.hpp"
#include "regtool/ops/image_choice.hpp"

namespace regtool::ops {

DiffReport diff_named_manifests(store::ImageStore& before,
                                store::ImageStore& after,
                                const std::optional<model::Platform>& platform,
                                DiffDepth depth,
                                std::stop_token stop) {
    const model::Manifest first = choose_manifest(before, platform, stop);
    const model::Manifest second = choose_manifest(after, platform, stop);
    DiffReport report;
    report.before = {before.name(), first.digest().str()};
    report.after = {after.name(), second.digest().str()};
    report.manifest.emplace();
    if (first.digest() == second.digest()) {
        return report;
    }
    report.manifest = diff_manifests(first.bytes(), second.bytes(), depth);
    if (depth == DiffDepth::exact) {
        // It tells what no field shows: blanks and the order of members.
        report.manifest->insert(
            report.manifest->begin(),
            {"digest", '"' + first.digest().str() + '"', '"' + second.digest().str() + '"'});
    }
    return report;
}

}  // namespace regtool::ops
