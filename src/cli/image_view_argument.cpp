#include "cli/image_view_argument.hpp"

namespace regtool::cli {

void add_verify(Arguments& app, bool& whole) {
    app.add_flag("--verify", whole,
                 "Read each layer that is needed to its end and compare its digest, whatever is "
                 "known of it");
}

OpenedView open_view_argument(Session& session,
                              const std::string& image,
                              ops::ViewUse use,
                              bool whole) {
    OpenedView opened;
    opened.store = session.open(image);
    opened.view = std::make_unique<ops::ImageView>(
        ops::open_view(*opened.store, session.platform(), use, session.progress(), session.stop(),
                       session.index_cache(), whole ? ops::Reading::whole : ops::Reading::least));
    return opened;
}

void report_fetched(Session& session, const ops::ImageView& view) {
    for (const std::string& line : ops::fetch_summary(view)) {
        session.log().info(line);
    }
}

}  // namespace regtool::cli
