#include "cli/image_argument.hpp"

#include "cli/arguments.hpp"

namespace regtool::cli {

void add_blob_selector(Arguments& app, ops::BlobSelector& selector) {
    app.add_option("--layer", selector.layer,
                   "A layer of the image: 0 is the lowest, -1 or last the top one, or the "
                   "beginning of a digest")
        ->type_name("N");
    app.add_flag("--config", selector.config, "The image's configuration");
}

OpenedBlob open_blob_argument(Session& session,
                              const std::string& name,
                              const ops::BlobSelector& selector) {
    auto store = session.open(name);
    ops::ChosenBlob blob = ops::choose_blob(*store, store->named_digest(), selector,
                                            session.platform(), session.stop());
    return {std::move(store), std::move(blob)};
}

void add_layout_flags(Arguments& app, Session& session) {
    auto* pretty = app.add_flag_callback(
        "--pretty", [&session] { session.options.layout = ui::Layout::pretty; },
        "Indent also where no person looks");
    app.add_flag_callback(
           "--raw", [&session] { session.options.layout = ui::Layout::raw; },
           "The exact bytes also on a terminal")
        ->excludes(pretty);
}

}  // namespace regtool::cli
