#include <nlohmann/json.hpp>

#include "entry_text.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::ui {

namespace {

/// One line as `tar -tv` prints it, so that eyes and scripts find what they know.
std::string text_of(const ops::LayerEntryRow& row) {
    std::string line = attributes_text(row);
    line += ' ';
    line += base::printable(row.path);
    if (row.type == 'l') {
        line += " -> " + base::printable(row.link_target);
    } else if (row.type == 'h') {
        line += " link to " + base::printable(row.link_target);
    }
    if (!row.whiteout.empty()) {
        line += " (whiteout: " + row.whiteout + ")";
    }
    return line;
}

}  // namespace

void show_item(Output& out, const ops::LayerEntryRow& row) {
    if (out.structured()) {
        out.item(to_json(row));
    } else {
        out.line(text_of(row));
    }
}

}  // namespace regtool::ui
