#pragma once

#include <memory>
#include <string>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "regtool/ops/image_view.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::cli {

/// An image that was named on the command line, opened to look inside.
struct OpenedView {
    std::unique_ptr<store::ImageStore> store;
    std::unique_ptr<ops::ImageView> view;  ///< borrows the store
};

/// --verify, for commands that need not read the layers that they look into.
void add_verify(Arguments& app, bool& whole);

[[nodiscard]] OpenedView open_view_argument(Session& session,
                                            const std::string& image,
                                            ops::ViewUse use,
                                            bool whole = false);
/// With -v: what was fetched of each layer, and what it was checked against.
void report_fetched(Session& session, const ops::ImageView& view);

}  // namespace regtool::cli
