#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "regtool/layer/merged_tree.hpp"
#include "regtool/ops/content_facts.hpp"
#include "regtool/ops/image_view.hpp"

namespace regtool::ops {

enum class PairSide { before, after };

/// One entry of the layers of two images.
struct PairedEntry {
    std::size_t slot = 0;
    std::uint32_t entry = layer::MergedTree::kNoEntry;

    friend auto operator<=>(const PairedEntry&, const PairedEntry&) = default;
};

/// The layers of two images, every digest once: what both have is read through one of them. Borrows
/// the views and the cache, which may be nullptr.
class LayerPair {
  public:
    LayerPair(ImageView& before, ImageView& after, const LayerIndexCache* cache);

    /// Both have the same layers in the same order.
    [[nodiscard]] bool same() const { return slots_[0] == slots_[1]; }

    /// Reads every layer once, two at a time.
    void load(int jobs);
    /// The merged view of one side. Call load() before.
    [[nodiscard]] layer::MergedTree tree(PairSide side) const;
    /// Equal for names of both sides that the same entry of the same layer stands for.
    [[nodiscard]] PairedEntry entry_of(PairSide side,
                                       const layer::MergedTree& tree,
                                       layer::MergedTree::NodeId node) const;

    // --- contents --------------------------------------------------------------------------------

    /// Asks for the hash of an entry's content, or for the packages in it. Then read(), then the
    /// answers.
    void want_hash(PairedEntry entry) { (void)wanted_[entry.slot][entry.entry]; }

    void want_packages(PairedEntry entry, PackageManager manager) {
        wanted_[entry.slot][entry.entry].manager = manager;
    }

    /// Reads what was asked about and is not kept in the cache, each layer at most once, two at a
    /// time, and keeps what was found. Throws as read_packages().
    void read(int jobs);

    [[nodiscard]] const std::string& hash(PairedEntry entry) const {
        return wanted_[entry.slot].at(entry.entry).facts.hash;
    }

    [[nodiscard]] const std::vector<Package>& packages(PairedEntry entry) const {
        return wanted_[entry.slot].at(entry.entry).facts.packages.value().packages;
    }

  private:
    struct Slot {
        LayerContents* contents = nullptr;
        std::size_t layer = 0;
        model::Digest digest;
        std::shared_ptr<const layer::LayerTable> table;
    };

    struct Wanted {
        std::optional<PackageManager> manager{};  ///< whose packages are wanted, beside the hash
        ContentFacts facts{};
    };

    static bool answers(const ContentFacts& facts, const Wanted& wanted);
    static ContentFacts find_out(const Wanted& wanted,
                                 stream::Source& content,
                                 std::span<std::byte> block);
    void read(std::size_t slot);

    [[nodiscard]] const std::vector<std::size_t>& slots(PairSide side) const {
        return slots_[side == PairSide::before ? 0 : 1];
    }

    const LayerIndexCache* cache_;
    std::vector<Slot> all_;
    std::vector<std::size_t> slots_[2];                    ///< of each side's layers, lowest first
    std::vector<std::map<std::uint32_t, Wanted>> wanted_;  ///< by slot and entry
};

}  // namespace regtool::ops
