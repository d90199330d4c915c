#include <array>
#include <map>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ops/tag_lister.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct Options {
    std::string repository;
    ops::TagQuery query;
    std::string points_at;
};

/// --points-at takes a digest, or another name of the same place, which is resolved first.
void read_points_at(Session& session, Options& options, store::ImageStore& place) {
    if (!options.points_at.empty()) {
        const auto digest = model::Digest::try_parse(options.points_at);
        options.query.points_at =
            digest ? *digest : place.named(options.points_at)->resolve(session.stop()).digest;
    }
}

ExitCode run(Options& options, Session& session) {
    options.query.jobs = session.options.jobs;
    ui::TagView view(session.out(), options.query.details);
    const auto row = [&view](const ops::TagRow& tag) { view.add(tag); };
    const auto place = session.open(options.repository);
    if (store::is_registry_image(options.repository)) {
        const auto repository = model::Repository::parse(options.repository);
        read_points_at(session, options, *place);
        ops::list_tags(session.registry(), repository, options.query, row, session.stop());
    } else {
        read_points_at(session, options, *place);
        ops::list_names(*place, options.query, row, session.stop());
    }
    view.finish();
    return ExitCode::ok;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("REPO", options->repository,
                   "Repository, e.g. alpine or localhost:5000/app, or oci:DIR, docker-archive:FILE")
        ->required();
    app.add_option("--limit", options->query.limit, "Stop after so many tags")->type_name("N");
    app.add_option("--last", options->query.last, "Begin after this tag")->type_name("TAG");
    app.add_option("--filter", options->query.filter,
                   "Only tags that match this extended regular expression")
        ->type_name("REGEX");
    app.add_option("--semver", options->query.semver,
                   "Only versions in this range: ^1.2, ~1.2.3, '>=1 <3', 1.x")
        ->type_name("RANGE");
    app.add_choice<ops::TagOrder>("--sort", options->query.order,
                                  {{"name", ops::TagOrder::name},
                                   {"semver", ops::TagOrder::semver},
                                   {"created", ops::TagOrder::created}},
                                  "name, semver or created; else the registry's order")
        ->type_name("ORDER");
    app.add_flag("--long", options->query.details,
                 "Digest, creation time, size and platforms of each tag");
    app.add_option("--points-at", options->points_at, "Only tags that point to this digest or tag")
        ->type_name("DIGEST|TAG");
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool tags alpine", "All tags, as the pages arrive"},
    Example{"regtool tags --semver '^3.18' --sort semver alpine", "Versions of a range, in order"},
    Example{"regtool tags --long --filter '^v' localhost:5000/app",
            "With digest, age, size and platforms"},
    Example{"regtool tags oci:images", "The names in an OCI layout"},
};

}  // namespace

constinit const CommandSpec kTags{
    .path = "tags",
    .alias = "ls-tags",
    .group = "Look at an image",
    .summary = "List the tags of a repository or the names in a layout or archive",
    .description =
        "Prints one tag a line, all pages, as they come. --sort created reads every tag's "
        "configuration. An image without a name in a docker-archive is listed as @N. "
        "JSON keys of each element: name; digest, created, size and platforms with --long.",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
