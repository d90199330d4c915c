#include "regtool/ops/copier.hpp"

#include "ops/copy_reader.hpp"
#include "ops/copy_writer.hpp"

namespace regtool::ops {

namespace {

CopiedImage row_of(const CopyRoot& root, const store::ImageTarget& target) {
    CopiedImage row;
    row.source = root.item.source->name();
    row.names = root.item.names;
    row.unchanged = root.unchanged;
    if (root.found) {
        row.source_digest = root.found->digest.str();
        row.digest = root.digest().str();
        row.target = target.repository_name() + "@" + row.digest;
        row.media_type = root.manifest ? root.manifest->media_type() : root.found->media_type;
    }
    if (root.error) {
        try {
            std::rethrow_exception(root.error);
        } catch (const base::Error& error) {
            row.error = error.message();
            row.code = error.exit_code();
        }
    }
    return row;
}

MissingManifest row_of(const CopyGraph::Missing& missing) {
    const model::Descriptor& child = missing.descriptor;
    return {.digest = child.digest.str(),
            .media_type = child.media_type,
            .size = child.size,
            .platform = child.platform ? child.platform->str() : "",
            .index = missing.index->manifest.digest().str(),
            .source = missing.index->source->name()};
}

CopyReport report_of(const CopyReader& reader,
                     const CopyWriter& writer,
                     const store::ImageTarget& target,
                     bool dry_run) {
    CopyReport report;
    report.target = target.repository_name();
    report.dry_run = dry_run;
    for (const CopyRoot& root : reader.roots) {
        report.images.push_back(row_of(root, target));
    }
    for (const CopyWriter::PlannedBlob& planned : writer.blobs()) {
        const model::Descriptor& blob = planned.blob->descriptor;
        report.blobs.push_back({blob.digest.str(), blob.media_type, blob.size, planned.action});
    }
    for (const CopyGraph::Missing& missing : reader.graph.missing()) {
        report.missing.push_back(row_of(missing));
    }
    report.manifests_present = writer.manifests_present();
    report.manifests_moved = reader.graph.manifests.size() - writer.manifests_present();
    report.notes = reader.notes();
    return report;
}

}  // namespace

CopyReport copy_images(const std::vector<CopyItem>& items,
                       store::ImageTarget& target,
                       const CopyOptions& options,
                       ProgressListener& progress,
                       std::stop_token stop) {
    CopyReader reader(items, target, options, progress, stop);
    reader.run();
    CopyWriter writer(reader.roots, reader.graph, target, options, progress, stop);
    writer.plan();
    if (!options.dry_run) {
        writer.run();
    }
    return report_of(reader, writer, target, options.dry_run);
}

}  // namespace regtool::ops
