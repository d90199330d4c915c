#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/blob_writer.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ops/image_choice.hpp"
#include "regtool/ops/layer_listing.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct LsOptions {
    std::string image;
    std::vector<std::string> layers;
};

std::vector<std::size_t> positions(const model::ImageManifest& image,
                                   const std::vector<std::string>& selectors) {
    std::vector<std::size_t> result;
    if (selectors.empty()) {
        for (std::size_t i = 0; i < image.layers.size(); ++i) {
            result.push_back(i);
        }
    }
    for (const std::string& selector : selectors) {
        result.push_back(ops::select_layer(image, selector));
    }
    return result;
}

/// Separates the layers of a text listing.
void announce(Session& session,
              const model::Descriptor& layer,
              std::size_t position,
              bool several) {
    if (several && !session.out().structured()) {
        session.out().line("# layer " + std::to_string(position) + " " + layer.digest.str() + " " +
                           base::human_size(layer.size));
    }
}

ExitCode run_ls(const LsOptions& options, Session& session) {
    const auto store = session.open(options.image);
    const ops::ChosenImage chosen = ops::choose_image(*store, session.platform(), session.stop());
    const model::ImageManifest& image = ops::require_image(chosen.manifest, store->name());
    const std::vector<std::size_t> wanted = positions(image, options.layers);
    ui::Output& out = session.out();
    out.begin_list();
    for (const std::size_t position : wanted) {
        const model::Descriptor& layer = image.layers[position];
        announce(session, layer, position, wanted.size() > 1);
        ops::list_layer(
            *store, layer,
            [&](const layer::Entry& entry) { ui::show_item(out, ops::row_of(entry, position)); },
            session.progress(), session.stop());
    }
    out.end_list();
    return ExitCode::ok;
}

void declare_ls(Arguments& app, Session& session) {
    auto options = std::make_shared<LsOptions>();
    app.add_option("IMAGE", options->image, "Image whose layers to list")->required();
    app.add_option("N", options->layers,
                   "Layers: 0 is the lowest, -1 or last the top one, or the beginning of a digest");
    session.action = [options, &session] { return run_ls(*options, session); };
}

struct GetOptions {
    std::string image;
    std::string layer;
    BlobOutput output;
};

ExitCode run_get(const GetOptions& options, Session& session) {
    const auto store = session.open(options.image);
    const ops::ChosenBlob blob = ops::choose_blob(*store, std::nullopt, {options.layer, false},
                                                  session.platform(), session.stop());
    write_blob(session, *store, blob, options.output);
    return ExitCode::ok;
}

void declare_get(Arguments& app, Session& session) {
    auto options = std::make_shared<GetOptions>();
    app.add_option("IMAGE", options->image, "Image to read from")->required();
    app.add_option("N", options->layer,
                   "Layer: 0 is the lowest, -1 or last the top one, or the beginning of a digest")
        ->required();
    add_blob_output(app, options->output);
    session.action = [options, &session] { return run_get(*options, session); };
}

constexpr std::array kLsExamples{
    Example{"regtool layer ls alpine:stable", "All layers, lowest first"},
    Example{"regtool layer ls localhost:5000/app:v1 -1", "The top layer alone"},
    Example{"regtool layer ls --format ndjson --jq 'select(.size > 1000000) | .path' "
            "localhost:5000/app:v1",
            "Large files"},
};
constexpr std::array kGetExamples{
    Example{"regtool layer get localhost:5000/app:v1 -1 -o top.tar.gz",
            "The stored bytes, verified"},
    Example{"regtool layer get --decompress localhost:5000/app:v1 0 | tar -t", "The tar inside"},
};

}  // namespace

constinit const CommandSpec kLayerLs{.path = "layer ls",
                                     .alias = "",
                                     .group = "Look inside layers",
                                     .summary = "List the files in layers, as tar -tv shows them",
                                     .description =
                                         "Streams each layer (gzip, zstd or plain), verifies it "
                                         "against its digest and lists its entries in "
                                         "archive order; whiteouts are marked. Names are escaped "
                                         "so that no terminal is driven by them. "
                                         "The exit code is 0 only when every byte was right. JSON "
                                         "keys of each element: layer, type, path, "
                                         "link_target, mode, uid, gid, user, group, size, mtime, "
                                         "device, whiteout; names that are no UTF-8 "
                                         "come with a path_base64 beside them.",
                                     .examples = kLsExamples,
                                     .declare = declare_ls};

constinit const CommandSpec kLayerGet{.path = "layer get",
                                      .alias = "",
                                      .group = "Look inside layers",
                                      .summary = "Read one layer's bytes, verified",
                                      .description =
                                          "Without -o the bytes go to standard output as they "
                                          "arrive: trust them only after exit code 0. "
                                          "With -o the file appears when it has been verified.",
                                      .examples = kGetExamples,
                                      .declare = declare_get};

}  // namespace regtool::cli
