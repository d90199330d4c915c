#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/copy_command.hpp"
#include "cli/copy_names.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ops/name_filter.hpp"
#include "regtool/store/transport.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct Options {
    std::string source;
    std::string target;
    CopyFlags flags;
    std::vector<std::string> also;
    bool all_tags = false;
    std::string filter;
    std::string if_digest;
};

/// The one image and the names that it gets.
std::vector<ops::CopyItem> one_item(Session& session,
                                    const Options& options,
                                    const store::ImageTarget& target) {
    ops::CopyItem item{session.open(options.source), {}};
    if (const auto name = target.wanted_name()) {
        item.names.push_back(*name);
    }
    for (const std::string& name : options.also) {
        if (std::find(item.names.begin(), item.names.end(), name) == item.names.end()) {
            item.names.push_back(name);
        }
    }
    return {std::move(item)};
}

void check_places(const Options& options) {
    const store::Location from = store::parse_location(options.source);
    const store::Location to = store::parse_location(options.target);
    if (from.transport == store::Transport::registry) {
        (void)model::Repository::parse(from.path);  // refuses a tag
    }
    if (to.transport == store::Transport::registry) {
        (void)model::Repository::parse(to.path);
    }
    if (from.name || to.name || from.digest || to.digest) {
        throw base::UsageError("--all-tags takes repositories without a name or digest");
    }
}

std::vector<ops::CopyItem> items_of_all_tags(Session& session, const Options& options) {
    const ops::NameFilter filter("--filter", options.filter);
    const std::unique_ptr<store::ImageStore> source = session.open(options.source);
    std::vector<ops::CopyItem> items;
    const store::Location from = store::parse_location(options.source);
    const store::Location to = store::parse_location(options.target);
    std::map<std::string, std::string> taken;
    for (const std::string& name : source->names(session.stop())) {
        const auto new_name = filter.matches(name) ? name_of_copied(name, from, to) : std::nullopt;
        if (!new_name) {
            continue;
        }
        const auto [other, is_free] = taken.emplace(*new_name, name);
        if (!is_free) {
            throw base::UsageError(base::printable(other->second) + " and " +
                                   base::printable(name) + " would both be '" +
                                   base::printable(*new_name) + "' in " + to.place() +
                                   ": --filter chooses");
        }
        items.push_back({source->named(name), {*new_name}});
    }
    if (items.empty()) {
        throw base::NotFound(
            base::printable(source->repository_name()) +
            (options.filter.empty() ? " has no tags" : " has no tag that --filter matches"));
    }
    return items;
}

/// Names that --no-clobber left alone are no failures of a copy of many.
ExitCode code_of(Session& session, const Options& options, const ops::CopyReport& report) {
    std::size_t failed = 0;
    for (const ops::CopiedImage& image : report.images) {
        if (image.error.empty()) {
            continue;
        }
        const bool left_alone =
            options.flags.copy.no_clobber && image.code == ExitCode::precondition;
        failed += left_alone ? 0 : 1;
        session.log().warn(base::printable(image.source) + ": " + image.error);
    }
    if (failed > 0) {
        throw base::PartialFailure(failed, report.images.size());
    }
    return ExitCode::ok;
}

ExitCode run(const Options& options, Session& session) {
    CopyFlags flags = options.flags;
    flags.copy.platforms = platform_list(session);
    flags.copy.one_image =
        store::parse_location(options.target).transport == store::Transport::docker_archive;
    flags.copy.keep_going = options.all_tags;
    if (!options.if_digest.empty()) {
        flags.copy.if_digest = model::Digest::parse(options.if_digest);
    }
    if (options.all_tags) {
        check_places(options);
    }
    const auto target = session.open_target(options.target);
    const std::vector<ops::CopyItem> items = options.all_tags ? items_of_all_tags(session, options)
                                                              : one_item(session, options, *target);
    return code_of(session, options, run_copy(session, flags, items, *target));
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("SRC", options->source, "Image to copy, of any transport")->required();
    app.add_option("DST", options->target, "Where to, of any transport")->required();
    auto* all = app.add_flag("--all-tags", options->all_tags,
                             "Every tag of the repository SRC to the repository DST");
    app.add_option("--filter", options->filter,
                   "With --all-tags: only tags that match this POSIX extended expression")
        ->type_name("REGEX")
        ->needs(all);
    app.add_option("--also", options->also, "Another tag in DST for the same image; repeatable")
        ->type_name("TAG")
        ->excludes(all);
    app.add_option("--if-digest", options->if_digest,
                   "Only if SRC is at this digest; exit code 8 otherwise")
        ->type_name("DIGEST")
        ->excludes(all);
    add_copy_flags(app, options->flags, session);
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool copy alpine:3.19 localhost:5000/alpine:3.19",
            "All platforms, the digest stays"},
    Example{"regtool copy --dry-run alpine:3.19 localhost:5000/alpine:3.19", "What would be moved"},
    Example{"regtool copy --platform linux/amd64,linux/arm64 alpine:3.19 oci:layout:alpine",
            "A smaller index, into a folder"},
    Example{"regtool copy --all-tags --filter '^v1[.]' localhost:5000/app localhost:5001/app",
            "Many tags of a repository"},
};

}  // namespace

constinit const CommandSpec kCopy{
    .path = "copy",
    .alias = "cp",
    .group = "Copy and change",
    .summary = "Copy an image between registries, folders and archives",
    .description =
        "Copies between any two transports, byte for byte: the digest stays, nested indexes, "
        "attestations and artifacts of any type with it. Blobs that the target has are skipped, "
        "those of another repository of the same registry are mounted, the others go --jobs at a "
        "time, streamed and verified; then manifests, children first, and the tag last: a copy "
        "that is killed changes no name, and run again it moves what is missing. A tag that has "
        "the digest already costs one request to each side.\n\n"
        "With --platform and one platform that image alone is copied, as it is; with several, or "
        "several of them in a list, a smaller index is made, whose digest is another and is "
        "told.\n\n"
        "--all-tags copies every tag, under its tag where that goes to a registry and as REPO:TAG "
        "into a docker-archive; one that cannot be copied does not keep the others back: "
        "exit code 9, the report says which and why. With --no-clobber tags that have another "
        "digest are left alone; without --all-tags that is exit code 8. Registries have no lock: "
        "a writer at the same moment is seen afterwards, by exit code 8."
        "\n\nAn index may list manifests that its registry, folder or archive does not have: then "
        "the copy fails and names one of them. With --allow-missing they stay out, each with a "
        "warning, and the index goes over byte for byte; run again, it brings those that have come "
        "meanwhile. What is there must be whole: a missing layer or configuration is an error all "
        "the same, and so is any answer but \"not found\". Folders and archives take such an "
        "index; docker-registry 2 and regtool serve refuse it, and so does distribution 3 unless "
        "validation.manifests.indexes.platforms is none."
        "\n\nPrints REPO@DIGEST for each image; what was moved goes to standard error. --dry-run "
        "looks at both sides, prints the plan and changes nothing. JSON keys: target, dry_run, "
        "images (source, target, names, digest, source_digest, media_type, unchanged; where an "
        "image failed and others went on: error, exit_code), manifests (moved, present), moved, "
        "mounted, present, foreign (each count and bytes, of blobs), blobs (digest, media_type, "
        "size, action: move, mount, present, foreign), missing (what --allow-missing left out: "
        "digest, media_type, size, platform, index, source), notes.",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
