#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ops/index_publisher.hpp"
#include "regtool/ops/warmer.hpp"
#include "regtool/ui/render.hpp"
#include "regtool/ui/render_publish.hpp"

namespace regtool::cli {

namespace {

struct Options {
    std::string image;
    bool publish = false;
};

base::ExitCode run(const Options& options, Session& session) {
    const ops::LayerIndexCache* cache = session.index_cache();
    if (cache == nullptr) {
        base::UsageError error("there is no cache folder to fill");
        error.set_hint("leave out --no-cache, or name a folder with --cache-dir DIR");
        throw error;
    }
    const auto store = session.open(options.image);
    const int jobs = session.options.jobs;
    if (!options.publish) {
        ui::show(session.out(), ops::warm(*store, session.platform(), *cache, jobs,
                                          session.progress(), session.stop()));
        return base::ExitCode::ok;
    }
    const ops::PublishReport report =
        ops::publish_indexes(*store, session.platform(), *cache, jobs, session.progress(),
                             session.named_registry(), session.stop());
    for (const std::string& note : report.notes) {
        session.log().warn(note);
    }
    ui::show(session.out(), report);
    return base::ExitCode::ok;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("IMAGE", options->image, "Image whose layers to index")->required();
    app.add_flag("--publish", options->publish,
                 "Attach the indexes to the image in its registry, for others");
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool warm localhost:5000/app:v1", "From now on ls, find and cat are quick"},
    Example{"regtool warm --cache-dir /var/cache/regtool alpine:stable",
            "Fill a folder that later jobs of this user use"},
    Example{"regtool warm --publish localhost:5000/app:v1",
            "Everybody's ls and cat of app:v1 are quick, also the first ones"},
};

}  // namespace

constinit const CommandSpec kWarm{
    .path = "warm",
    .alias = "",
    .group = "Look inside layers",
    .summary = "Index the layers of an image, so that looking inside moves hardly a byte",
    .description =
        "Reads every layer that has no index yet to its end, verifies it, and keeps its index in "
        "the cache folder: the table of its entries, places from which it can be unpacked, and a "
        "hash of each 64 KiB. With it ls, find, blame and waste read nothing of the layer, and cat "
        "only the part that holds the file, each piece of it verified before it is used. Every "
        "other command that reads a layer whole leaves its index as well; this one does nothing "
        "else.\n\n"
        "The folder is --cache-dir, or regtool in $XDG_CACHE_HOME or ~/.cache; it takes at most "
        "1 GiB, the least recently used go first. Several processes may use it at once, and it may "
        "be removed at any time. What is in it is believed: a folder that others can write to, or "
        "that is another user's, is not used.\n\n"
        "With --publish the indexes are attached to the image as one artifact of type "
        "application/vnd.regtool.layer-index.v1 that has it for its subject (see referrers); "
        "publishing again replaces it. ls, find, blame, waste and cat of the image on another "
        "machine then ask for it before they read a layer of more than 1 MiB that they do not "
        "know. Nothing but the publisher's word says that such an index is right, so it is only "
        "believed for an image that is named by a tag, which the same people can move; -v says "
        "so for each layer. An image named by its digest, --verify, --no-cache, extract and "
        "export do not use it.\n\n"
        "JSON keys: reference, digest, layers (digest, size, entries, index_size, known: whether "
        "its index was there before), with --publish published (digest, replaced: older ones that "
        "were removed).",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
