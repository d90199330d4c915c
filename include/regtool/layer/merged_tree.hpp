#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "regtool/layer/layer_table.hpp"

namespace regtool::layer {

/// How often symbolic links are followed for one path, as Linux does.
inline constexpr int kMaxLinkHops = 40;

/// The file system that a container would see: layers applied lowest first (image-spec layer.md
/// "Applying Changesets"). Whiteouts act on lower layers only, wherever they stand in theirs; the
/// last of two entries with one name wins; a hard link keeps its content when the name that it was
/// linked to goes; folders on the way that are symbolic links are followed within the root.
///
/// Built once, then const and thread-safe. Holds its tables. Throws IntegrityError for what leaves
/// the root, replaces it or is nested without end, InvalidDocument for a hard link to what is not
/// there and for links that go round in circles.
///
/// Tables may also be those of the upper layers alone: then resolve() says whether lower layers
/// could change the answer.
class MergedTree {
  public:
    using NodeId = std::uint32_t;
    static constexpr NodeId kRoot = 0;
    static constexpr NodeId kNone = ~NodeId{0};
    static constexpr std::uint32_t kNoEntry = ~std::uint32_t{0};
    static constexpr std::size_t kMaxDepth = 4096;

    using Tables = std::vector<std::shared_ptr<const LayerTable>>;

    enum class ChangeKind : std::uint8_t {
        added,
        replaced,    ///< by another object, or another content
        attributes,  ///< a folder's mode, owner, time or xattrs
        deleted,
    };

    /// An entry of a layer, or an implied folder (kNoEntry).
    struct Origin {
        std::uint32_t layer = 0;
        std::uint32_t entry = kNoEntry;

        friend bool operator==(const Origin&, const Origin&) = default;
    };

    struct Change {
        NodeId node = kNone;
        ChangeKind kind = ChangeKind::added;
        Origin by;      ///< the entry that did it: a whiteout for most deletions
        Origin before;  ///< the content that was there, unless added
        Origin after;   ///< the content since then, unless deleted
    };

    /// A file's or another object's content as one layer shipped it, with no name left.
    struct Hidden {
        Origin origin;
        NodeId last_name = kNone;  ///< the name that went last
        Origin by;                 ///< what took it
        ChangeKind how = ChangeKind::deleted;
    };

    struct Options {
        bool keep_changes = false;     ///< for changes()
        std::size_t lowest_layer = 0;  ///< number of the layer of tables[0]
    };

    /// More than any image has.
    static constexpr std::size_t kMaxTables = 65'536;

    explicit MergedTree(Tables tables) : MergedTree(std::move(tables), Options{}) {}

    MergedTree(Tables tables, Options options);

    // --- objects -------------------------------------------------------------------------------

    /// Node ids are below it; kRoot is the first.
    [[nodiscard]] std::size_t node_count() const { return nodes_.size(); }

    /// False for a name that a layer deleted.
    [[nodiscard]] bool exists(NodeId node) const { return nodes_[node].present; }

    [[nodiscard]] NodeId parent(NodeId node) const { return nodes_[node].parent; }

    [[nodiscard]] std::string_view name(NodeId node) const;
    /// "usr/bin/env"; "." for the root.
    [[nodiscard]] std::string path(NodeId node) const;

    /// The layer that put the name there, or, when it does not exist, that deleted it.
    [[nodiscard]] std::size_t layer(NodeId node) const { return nodes_[node].layer; }

    /// Where its content comes from: for a hard link the file. Of a deleted name what it last had.
    [[nodiscard]] Origin origin(NodeId node) const;
    /// Of its content; for an implied folder mode 0755 and root's. `path` and `link_target` are
    /// those of the entry: a hard link has the type and facts of the file it is linked to.
    [[nodiscard]] TableEntry facts(NodeId node) const;
    /// Names with the same content: 1 for most.
    [[nodiscard]] std::uint32_t links(NodeId node) const;

    /// The same number for names that are linked to each other, below content_count().
    [[nodiscard]] std::uint32_t content_id(NodeId node) const { return nodes_[node].content; }

    /// That of what an entry ships; `of.entry` is not kNoEntry.
    [[nodiscard]] std::uint32_t content_id(Origin of) const {
        return first_contents_[of.layer - options_.lowest_layer] + of.entry;
    }

    [[nodiscard]] std::size_t content_count() const { return names_.size(); }

    /// Names with the content that an entry ships: 0 for what is hidden, and for entries that ship
    /// none (hard links, whiteouts).
    [[nodiscard]] std::uint32_t links(Origin of) const { return names_[content_id(of)]; }

    /// In the order of their bytes.
    enum class Which { existing, also_deleted };
    [[nodiscard]] std::vector<NodeId> children(NodeId folder, Which which = Which::existing) const;

    /// What entries ship and no name leads to, in no order.
    [[nodiscard]] const std::vector<Hidden>& hidden() const { return hidden_; }

    /// In the order in which they took place. Empty unless asked for.
    [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }

    [[nodiscard]] const LayerTable& table(std::size_t layer) const {
        return *tables_[layer - options_.lowest_layer];
    }

    // --- paths ---------------------------------------------------------------------------------

    enum class Outcome {
        found,
        missing,  ///< for certain; `node` may be its deleted place
        unknown,  ///< lower layers have to be asked
        loop,     ///< more than kMaxLinkHops links
    };

    struct Resolution {
        Outcome outcome = Outcome::missing;
        NodeId node = kNone;
        /// When unknown: the name that lower layers have to be asked about, a view into the path or
        /// a table; empty when it could be any.
        std::string_view asked{};
    };

    enum class Last { follow, as_it_is };
    /// What a path means inside the image: symbolic links are followed within it, those of the last
    /// component as told; ".." of the root is the root. Deleted objects are found on demand.
    [[nodiscard]] Resolution resolve(std::string_view path,
                                     Last last,
                                     Which which = Which::existing) const;

  private:
    friend class Merger;

    struct Node {
        const char* name = "";  ///< in a table
        NodeId parent = kRoot;
        NodeId first_child = kNone;
        NodeId next_sibling = kNone;
        std::uint32_t content = 0;
        std::uint16_t layer = 0;
        std::uint16_t depth = 0;
        std::uint16_t name_bytes = 0;
        bool present : 1 = false;
        bool complete : 1 = false;  ///< lower layers have nothing below it
        bool implied : 1 = false;   ///< a folder that no entry of the tables vouches for
        bool loose : 1 = false;     ///< lies below an implied folder that could be a link
        bool guessed : 1 =
            false;  ///< a folder only if lower layers have one: a whiteout lies in it
    };

    static_assert(sizeof(Node) == 32, "there is one for each of millions of files");

    [[nodiscard]] NodeId find_child(NodeId folder, std::string_view name) const;
    [[nodiscard]] EntryType type_of(const Node& node) const;
    [[nodiscard]] bool could_be_elsewhere(NodeId folder, NodeId child, std::string_view name) const;
    [[nodiscard]] std::size_t slot_of(NodeId folder, std::string_view name) const;
    [[nodiscard]] Origin content_origin(std::uint32_t content) const;

    Tables tables_;
    Options options_;
    std::vector<Node> nodes_;
    std::vector<NodeId> slots_;  ///< open addressing over (parent, name)
    // Contents are numbered: what is unknown, the entries of one table after another, implied
    // folders.
    std::vector<std::uint32_t> first_contents_;  ///< of each table; behind them of implied folders
    std::vector<std::uint16_t> implied_layers_;  ///< of implied folders
    std::vector<std::uint32_t> names_;           ///< how many each content has
    std::vector<Hidden> hidden_;
    std::vector<Change> changes_;
    std::unordered_map<std::string_view, std::uint32_t> loose_names_;
};

}  // namespace regtool::layer
