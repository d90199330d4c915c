#include "regtool/ops/referrers.hpp"

#include "regtool/base/error.hpp"
#include "regtool/ops/image_choice.hpp"

namespace regtool::ops {

namespace {

/// The entry as its manifest has it. Throws IntegrityError when it is about something else.
model::Descriptor checked(store::ImageStore& store,
                          const model::Descriptor& listed,
                          const model::Digest& subject,
                          const std::stop_token& stop) {
    const model::Manifest manifest = store.manifest(listed, stop);
    if (manifest.subject() == nullptr || manifest.subject()->digest != subject) {
        throw base::IntegrityError("it is about " + (manifest.subject() == nullptr
                                                         ? "nothing"
                                                         : manifest.subject()->digest.str()));
    }
    return manifest.referrer_descriptor();
}

}  // namespace

ReferrersReport find_referrers(store::ImageStore& store,
                               const std::optional<model::Platform>& platform,
                               const ReferrersQuery& query,
                               std::stop_token stop) {
    const model::Digest subject =
        platform ? choose_manifest(store, platform, stop).digest() : store.resolve(stop).digest;
    ReferrersReport report;
    report.image = store.name();
    report.subject = store.repository_name() + "@" + subject.str();
    for (model::Descriptor entry : store.referrers(subject, query.artifact_type, stop)) {
        if (query.strict) {
            try {
                entry = checked(store, entry, subject, stop);
            } catch (const base::Cancelled&) {
                throw;
            } catch (const base::Error& error) {
                report.left_out.push_back(entry.digest.str() + " is left out: " + error.message());
                continue;
            }
            if (!query.artifact_type.empty() && entry.artifact_type != query.artifact_type) {
                continue;
            }
        }
        report.referrers.push_back({entry.digest.str(), entry.media_type, entry.artifact_type,
                                    entry.size, std::move(entry.annotations)});
    }
    return report;
}

}  // namespace regtool::ops
