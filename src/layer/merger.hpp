#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "regtool/layer/merged_tree.hpp"

namespace regtool::layer {

/// Fills a MergedTree, layer by layer from the lowest.
class Merger {
  public:
    /// The content of a hard link whose target lies in a layer that was not read.
    static constexpr std::uint32_t kUnknownContent = 0;

    explicit Merger(MergedTree& tree) : tree_(tree) {}

    void merge();

  private:
    using NodeId = MergedTree::NodeId;
    using Origin = MergedTree::Origin;
    using ChangeKind = MergedTree::ChangeKind;
    static constexpr NodeId kNone = MergedTree::kNone;
    static constexpr NodeId kRoot = MergedTree::kRoot;

    enum class Missing {
        create,
        stop,
        guess,  ///< create where lower layers, which were not read, may have a folder
    };

    void number_contents();
    void apply(std::size_t position);
    void apply_whiteouts();
    void apply_whiteout(std::uint32_t entry, WhiteoutKind kind);
    void apply_entry(std::uint32_t entry, const LayerTable::Place& place);
    void entry_parts(std::uint32_t entry);
    void put(NodeId folder, std::string_view name, std::uint32_t entry, EntryType type);
    void put_root(std::uint32_t entry);
    void set_folder(NodeId node, std::uint32_t entry);
    [[nodiscard]] std::uint32_t linked_content(std::uint32_t entry);

    [[nodiscard]] NodeId descend(const std::vector<std::string_view>& parts, Missing missing);
    [[nodiscard]] NodeId enter(NodeId folder, std::string_view part, Missing missing);
    [[nodiscard]] bool made_folder_here(NodeId node);
    [[nodiscard]] NodeId place(NodeId folder, std::string_view name);
    [[nodiscard]] NodeId make_node(std::size_t slot, NodeId folder, std::string_view name);
    [[nodiscard]] bool is_loose_below(NodeId folder);
    void note_place(NodeId node);
    void remove(NodeId node, Origin by);
    void remove_children(NodeId folder, Origin by);
    void drop_content(NodeId node, Origin by, ChangeKind how);
    void give_content(NodeId node, std::uint32_t content);
    [[nodiscard]] std::uint32_t content_of(std::uint32_t entry) const;
    [[nodiscard]] std::uint32_t implied_folder();
    void note(const MergedTree::Change& change);
    void spend(std::size_t steps);
    void set_slots(std::size_t most_nodes);

    [[nodiscard]] bool is_partial() const { return tree_.options_.lowest_layer > 0; }

    MergedTree& tree_;
    const LayerTable* table_ = nullptr;
    std::uint32_t layer_ = 0;
    std::uint64_t steps_ = 0;
    std::vector<std::string_view> parts_;
    std::vector<std::string_view> pieces_;
    std::vector<std::string_view> link_parts_;
    /// Entries of one folder follow each other: its place is looked up once.
    LayerTable::FolderId last_folder_ = LayerTable::kNoFolder;
    NodeId last_folder_node_ = kNone;
    bool in_whiteouts_ = false;
    bool has_made_folders_ = false;
    std::unordered_set<std::string> made_folders_;  ///< by this layer; built when first needed
};

}  // namespace regtool::layer
