#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "regtool/layer/merged_tree.hpp"
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
/// the views.
class LayerPair {
  public:
    LayerPair(ImageView& before, ImageView& after);

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

    /// Asks for the hash, or the bytes, of an entry's content. Then read(), then the answers.
    void want_hash(PairedEntry entry) { wanted_[entry.slot][entry.entry].hash_wanted = true; }

    void want_text(PairedEntry entry) { wanted_[entry.slot][entry.entry].text_wanted = true; }

    /// Walks the layers that were asked about, each once, two at a time.
    void read(int jobs);

    [[nodiscard]] const std::string& hash(PairedEntry entry) const {
        return wanted_[entry.slot].at(entry.entry).hash;
    }

    [[nodiscard]] const std::string& text(PairedEntry entry) const {
        return wanted_[entry.slot].at(entry.entry).text;
    }

  private:
    struct Slot {
        LayerContents* contents = nullptr;
        std::size_t layer = 0;
        std::shared_ptr<const layer::LayerTable> table;
    };

    struct Wanted {
        bool hash_wanted = false;
        bool text_wanted = false;
        std::string hash;
        std::string text;
    };

    static void answer(Wanted& wanted, stream::Source& content);

    [[nodiscard]] const std::vector<std::size_t>& slots(PairSide side) const {
        return slots_[side == PairSide::before ? 0 : 1];
    }

    std::vector<Slot> all_;
    std::vector<std::size_t> slots_[2];                    ///< of each side's layers, lowest first
    std::vector<std::map<std::uint32_t, Wanted>> wanted_;  ///< by slot and entry
};

}  // namespace regtool::ops
