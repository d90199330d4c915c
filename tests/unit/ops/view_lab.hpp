#pragma once

#include <string>
#include <vector>

#include "regtool/ops/image_view.hpp"
#include "unit/ops/memory_store.hpp"

namespace regtool::test {

/// An image of these layers, opened to look inside.
struct ViewLab {
    explicit ViewLab(const std::vector<std::string>& tars) {
        store.add_image(tars, config_of("amd64"));
        view = ops::open_view(store, {}, ops::ViewUse::names, progress, {});
    }

    MemoryStore store;
    NoProgress progress;
    ops::ImageView view;
};

}  // namespace regtool::test
