#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ops/warmer.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

base::ExitCode run(const std::string& image, Session& session) {
    const ops::LayerIndexCache* cache = session.index_cache();
    if (cache == nullptr) {
        base::UsageError error("there is no cache folder to fill");
        error.set_hint("leave out --no-cache, or name a folder with --cache-dir DIR");
        throw error;
    }
    const auto store = session.open(image);
    ui::show(session.out(), ops::warm(*store, session.platform(), *cache, session.options.jobs,
                                      session.progress(), session.stop()));
    return base::ExitCode::ok;
}

void declare(Arguments& app, Session& session) {
    auto image = std::make_shared<std::string>();
    app.add_option("IMAGE", *image, "Image whose layers to index")->required();
    session.action = [image, &session] { return run(*image, session); };
}

constexpr std::array kExamples{
    Example{"regtool warm localhost:5000/app:v1", "From now on ls, find and cat are quick"},
    Example{"regtool warm --cache-dir /var/cache/regtool alpine:stable",
            "Fill a folder that later jobs use"},
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
        "be removed at any time. What is in it is believed: a folder that others can write to is "
        "not used.\n\n"
        "JSON keys: reference, digest, layers (digest, size, entries, index_size, known: whether "
        "its index was there before).",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
