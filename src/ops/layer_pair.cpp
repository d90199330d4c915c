#include "layer_pair.hpp"

#include <algorithm>

#include "regtool/base/hash.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ops/parallel.hpp"

namespace regtool::ops {

using layer::MergedTree;

namespace {

constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

}  // namespace

LayerPair::LayerPair(ImageView& before, ImageView& after) {
    std::map<std::string, std::size_t> known;
    std::size_t side = 0;
    for (ImageView* view : {&before, &after}) {
        for (std::size_t i = 0; i < view->layers.size(); ++i) {
            const auto [found, added] = known.emplace(view->layers[i].digest.str(), all_.size());
            if (added) {
                all_.push_back({view->contents.get(), i, nullptr});
            }
            slots_[side].push_back(found->second);
        }
        ++side;
    }
    wanted_.resize(all_.size());
}

void LayerPair::load(int jobs) {
    parallel_for(all_.size(), layers_at_once(jobs),
                 [&](std::size_t i) { all_[i].table = all_[i].contents->table(all_[i].layer); });
}

MergedTree LayerPair::tree(PairSide side) const {
    MergedTree::Tables tables;
    for (const std::size_t slot : slots(side)) {
        tables.push_back(all_[slot].table);
    }
    return MergedTree(std::move(tables));
}

PairedEntry LayerPair::entry_of(PairSide side,
                                const MergedTree& tree,
                                MergedTree::NodeId node) const {
    const MergedTree::Origin origin = tree.origin(node);
    if (origin.entry == MergedTree::kNoEntry) {
        return {};  // a folder that no entry names is the same in every layer
    }
    return {slots(side)[origin.layer], origin.entry};
}

void LayerPair::answer(Wanted& wanted, stream::Source& content) {
    base::Hasher hasher(base::HashAlgorithm::sha256);
    std::vector<std::byte> block(kBlockBytes);
    while (const std::size_t got = content.read(block)) {
        const auto bytes = std::span(block).first(got);
        if (wanted.hash_wanted) {
            hasher.update(bytes);
        }
        if (wanted.text_wanted) {
            wanted.text += base::as_text(bytes);
        }
    }
    wanted.hash = hasher.finish_hex();
}

void LayerPair::read(int jobs) {
    parallel_for(all_.size(), layers_at_once(jobs), [&](std::size_t i) {
        auto& wanted = wanted_[i];
        if (wanted.empty()) {
            return;
        }
        auto next = wanted.begin();
        all_[i].contents->walk(all_[i].layer, [&](std::size_t entry, stream::Source& content) {
            if (entry == next->first) {
                answer(next->second, content);
                ++next;
            }
            return next != wanted.end();
        });
    });
}

}  // namespace regtool::ops
