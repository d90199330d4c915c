#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/confirmation.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ops/deleter.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct Options {
    std::string image;
    bool yes = false;
    bool ignore_missing = false;
    bool untag = false;
    bool by_dummy = false;
};

void add_common(Arguments& app, Options& options) {
    app.add_flag("-y,--yes", options.yes, "Do not ask");
    app.add_flag("--ignore-missing", options.ignore_missing, "Exit code 0 when it is not there");
}

std::string joined(const std::vector<std::string>& words) {
    std::string list;
    for (const std::string& word : words) {
        list += (list.empty() ? "" : ", ") + word;
    }
    return list;
}

/// What a person should know before saying yes.
std::vector<std::string> facts_of(const ops::DeleteReport& plan) {
    std::vector<std::string> facts;
    if (!plan.tags.empty()) {
        facts.push_back("tags that go with it: " + joined(plan.tags));
    }
    if (!plan.tags_unknown.empty()) {
        facts.push_back("there may be more tags: " + base::printable(plan.tags_unknown));
    }
    for (const std::string& question : plan.unknown) {
        facts.push_back("could not be found out: " + base::printable(question));
    }
    if (!plan.used_by.empty()) {
        facts.push_back("indexes that would lose it: " + joined(plan.used_by));
    }
    if (!plan.referrers.empty()) {
        facts.push_back("what refers to it and stays: " + std::to_string(plan.referrers.size()) +
                        " manifests");
    }
    return facts;
}

ExitCode delete_manifest(const model::Reference& reference,
                         const Options& options,
                         Session& session) {
    ops::ManifestDeletion deletion(session.named_registry(), reference);
    const ops::DeleteReport plan = deletion.plan(session.stop());
    const std::vector<std::string> facts = facts_of(plan);
    confirm("delete " + plan.reference, facts, options.yes, session.stop());
    for (const std::string& fact : facts) {
        if (options.yes) {
            session.log().warn(fact);
        }
    }
    ui::show(session.out(), deletion.run(session.stop()));
    return ExitCode::ok;
}

ExitCode untag(const model::Reference& reference, const Options& options, Session& session) {
    if (!reference.tag() || reference.digest()) {
        throw base::UsageError("--untag takes a tag, not a digest");
    }
    confirm("remove the tag " + reference.familiar(), {}, options.yes, session.stop());
    base::SystemRandom random;
    ui::show(session.out(),
             ops::untag(session.named_registry(), random, reference,
                        options.by_dummy ? ops::Untagging::by_dummy : ops::Untagging::plain,
                        session.stop()));
    return ExitCode::ok;
}

/// Runs it; what is not there may be as good as deleted (DEL-06).
ExitCode allow_missing(const Options& options,
                       Session& session,
                       const std::function<ExitCode()>& work) {
    try {
        return work();
    } catch (const base::NotFound& error) {
        if (!options.ignore_missing) {
            throw;
        }
        session.log().info(error.message());
        return ExitCode::ok;
    }
}

ExitCode run(const Options& options, Session& session) {
    const model::Reference reference = store::registry_reference(options.image);
    return allow_missing(options, session, [&] {
        return options.untag ? untag(reference, options, session)
                             : delete_manifest(reference, options, session);
    });
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("IMAGE", options->image, "Image to delete")->required();
    auto* untag = app.add_flag("--untag", options->untag, "Remove the tag alone; the image stays");
    app.add_flag("--by-dummy", options->by_dummy,
                 "Where tags cannot be deleted: move the tag to an empty manifest, delete that")
        ->needs(untag);
    add_common(app, *options);
    session.action = [options, &session] { return run(*options, session); };
}

/// REPO@DIGEST. Throws UsageError for a tag, which could have moved.
model::Reference require_digest(const std::string& text) {
    model::Reference reference = store::registry_reference(text);
    if (!reference.digest()) {
        base::UsageError error(reference.familiar() + " has no digest: REPO@DIGEST is wanted");
        error.set_hint("regtool delete " + reference.familiar());
        throw error;
    }
    return reference;
}

ExitCode run_manifest(const Options& options, Session& session) {
    const model::Reference reference = require_digest(options.image);
    return allow_missing(options, session,
                         [&] { return delete_manifest(reference, options, session); });
}

ExitCode run_blob(const Options& options, Session& session) {
    const model::Reference reference = require_digest(options.image);
    const model::Repository& repository = reference.repository();
    ops::DeleteReport report;
    report.reference = repository.familiar() + "@" + reference.digest()->str();
    report.digest = reference.digest()->str();
    confirm("delete blob " + report.reference,
            {"images of the repository that have it can no longer be read"}, options.yes,
            session.stop());
    return allow_missing(options, session, [&] {
        session.named_registry().delete_blob(repository, *reference.digest(), session.stop());
        report.deleted = true;
        ui::show(session.out(), report);
        return ExitCode::ok;
    });
}

template <ExitCode (*Run)(const Options&, Session&)>
void declare_by_digest(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("REPO@DIGEST", options->image, "What to delete")->required();
    add_common(app, *options);
    session.action = [options, &session] { return Run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool delete localhost:5000/app:v1", "Shows what goes with it, and asks"},
    Example{"regtool delete --yes localhost:5000/app:v1", "In a script"},
    Example{"regtool delete --untag --yes localhost:5000/app:v1", "The name alone"},
    Example{"regtool rm --yes --ignore-missing localhost:5000/app:v1",
            "Gone afterwards, whatever was there"},
};
constexpr std::array kManifestExamples{
    Example{"regtool manifest delete \"$(regtool digest --full localhost:5000/app:v1)\"",
            "Shows what goes with it, and asks"},
    Example{"regtool manifest delete --yes localhost:5000/app@sha256:"
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "In a script"},
};
constexpr std::array kBlobExamples{
    Example{"regtool blob delete localhost:5000/app@sha256:"
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "Asks first"},
    Example{"regtool blob delete --yes --ignore-missing localhost:5000/app@sha256:"
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "In a script"},
};

}  // namespace

constinit const CommandSpec kDelete{
    .path = "delete",
    .alias = "rm",
    .group = "Copy and change",
    .summary = "Delete an image with all its tags, or one tag alone",
    .description =
        "Resolves IMAGE and deletes its manifest by digest: every tag of that digest goes with it. "
        "First these tags are named (the repository's tags are listed and resolved, 10,000 at "
        "most), the indexes that list the manifest, and how much refers to it; then the question "
        "is "
        "asked on the terminal. Elsewhere --yes is needed: without it nothing happens, exit code "
        "2. "
        "The registry frees the space of layers by its own garbage collection.\n\n"
        "--untag removes only the tag. Registries that cannot do so say so (exit code 3); with "
        "--by-dummy the tag is then moved to an empty manifest, and that is deleted. JSON keys: "
        "reference, digest, tags, tags_complete, used_by (tags of indexes), referrers (digests), "
        "unknown (what could not be found out), deleted.",
    .examples = kExamples,
    .declare = declare};

constinit const CommandSpec kManifestDelete{
    .path = "manifest delete",
    .alias = "",
    .group = "Look at an image",
    .summary = "Delete a manifest by its digest, with all its tags",
    .description =
        "As delete, of exactly this digest. Names the tags that go with it and asks; elsewhere "
        "than on a terminal --yes is needed. JSON keys: reference, digest, tags, tags_complete, "
        "used_by, referrers, unknown, deleted.",
    .examples = kManifestExamples,
    .declare = declare_by_digest<run_manifest>};

constinit const CommandSpec kBlobDelete{
    .path = "blob delete",
    .alias = "",
    .group = "Blobs",
    .summary = "Delete a blob from a repository",
    .description =
        "Asks on the terminal; elsewhere --yes is needed. Whether an image still has the blob is "
        "not looked up. Not every registry lets clients delete blobs. JSON keys: reference, "
        "digest, tags, tags_complete, used_by, referrers, unknown, deleted.",
    .examples = kBlobExamples,
    .declare = declare_by_digest<run_blob>};

}  // namespace regtool::cli
