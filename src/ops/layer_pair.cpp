#include "layer_pair.hpp"

#include <algorithm>

#include "regtool/base/error.hpp"
#include "regtool/base/hash.hpp"
#include "regtool/ops/packages.hpp"
#include "regtool/ops/parallel.hpp"

namespace regtool::ops {

using layer::MergedTree;

namespace {

constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

/// Hashes what passes.
class HashingSource final : public stream::Source {
  public:
    explicit HashingSource(stream::Source& inner)
        : inner_(inner), hasher_(base::HashAlgorithm::sha256) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        const std::size_t got = inner_.read(out);
        hasher_.update(out.first(got));
        return got;
    }

    /// Reads what is left, by way of `block`. Afterwards the object may only be destroyed.
    [[nodiscard]] std::string finish(std::span<std::byte> block) {
        while (read(block) != 0) {
        }
        return hasher_.finish_hex();
    }

  private:
    stream::Source& inner_;
    base::Hasher hasher_;
};

}  // namespace

LayerPair::LayerPair(ImageView& before, ImageView& after, const LayerIndexCache* cache)
    : cache_(cache) {
    std::map<std::string, std::size_t> known;
    std::size_t side = 0;
    for (ImageView* view : {&before, &after}) {
        for (std::size_t i = 0; i < view->layers.size(); ++i) {
            const auto [found, added] = known.emplace(view->layers[i].digest.str(), all_.size());
            if (added) {
                all_.push_back({view->contents.get(), i, view->layers[i].digest, nullptr});
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

bool LayerPair::answers(const ContentFacts& facts, const Wanted& wanted) {
    return !wanted.manager || (facts.packages && facts.packages->manager == *wanted.manager);
}

ContentFacts LayerPair::find_out(const Wanted& wanted,
                                 stream::Source& content,
                                 std::span<std::byte> block) {
    HashingSource hashed(content);
    ContentFacts facts;
    if (wanted.manager) {
        facts.packages = {*wanted.manager, read_packages(*wanted.manager, hashed)};
    }
    facts.hash = hashed.finish(block);
    return facts;
}

void LayerPair::read(std::size_t slot) {
    const model::Digest& digest = all_[slot].digest;
    // Facts go by positions in the tar: a layer's own table of contents may count otherwise.
    const bool kept = cache_ != nullptr && all_[slot].contents->is_indexed(all_[slot].layer);
    LayerFacts known = kept ? cache_->find_facts(digest) : LayerFacts{};
    std::vector<std::uint32_t> unknown;
    for (auto& [entry, wanted] : wanted_[slot]) {
        const auto found = known.find(entry);
        if (found != known.end() && answers(found->second, wanted)) {
            wanted.facts = found->second;
        } else {
            unknown.push_back(entry);
        }
    }
    if (unknown.empty()) {
        return;
    }
    std::vector<std::byte> block(kBlockBytes);
    all_[slot].contents->read_entries(
        all_[slot].layer, unknown, [&](std::size_t entry, stream::Source& content) {
            Wanted& wanted = wanted_[slot].at(static_cast<std::uint32_t>(entry));
            wanted.facts = find_out(wanted, content, block);
            known.insert_or_assign(static_cast<std::uint32_t>(entry), wanted.facts);
            return true;
        });
    if (kept) {
        try {
            cache_->put_facts(digest, known);
        } catch (const base::IoError&) {  // found out again the next time
        }
    }
}

void LayerPair::read(int jobs) {
    parallel_for(all_.size(), layers_at_once(jobs), [this](std::size_t slot) {
        if (!wanted_[slot].empty()) {
            read(slot);
        }
    });
}

}  // namespace regtool::ops
