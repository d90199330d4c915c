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

    /// A file's or another object's content as one layer shipped it.
    struct Content {
        Origin origin;
        std::uint32_t links = 0;   ///< names in the merged view; 0: hidden
        NodeId last_name = kNone;  ///< the name that went last, or any that it has
        Origin ended_by;           ///< when hidden: what took its last name
        ChangeKind ended_how = ChangeKind::added;
    };

    struct Options {
        bool keep_changes = false;     ///< for changes()
        std::size_t lowest_layer = 0;  ///< number of the layer of tables[0]
    };

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

    /// The same number for names that are linked to each other.
    [[nodiscard]] std::uint32_t content_id(NodeId node) const { return nodes_[node].content; }

    /// In the order of their bytes.
    enum class Which { existing, also_deleted };
    [[nodiscard]] std::vector<NodeId> children(NodeId folder, Which which = Which::existing) const;

    /// All contents that the layers hold, by content_id().
    [[nodiscard]] const std::vector<Content>& contents() const { return contents_; }

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
        const char* name = "";
        NodeId parent = kRoot;
        NodeId first_child = kNone;
        NodeId next_sibling = kNone;
        std::uint32_t content = 0;
        std::uint32_t layer = 0;
        std::uint16_t name_bytes = 0;
        std::uint16_t depth = 0;
        bool present = false;
        bool complete = false;  ///< lower layers have nothing below it
        bool implied = false;   ///< a folder that no entry of the tables vouches for
        bool loose = false;     ///< lies below an implied folder that could be a link
        bool guessed = false;   ///< a folder only if lower layers have one: a whiteout lies in it
    };

    [[nodiscard]] NodeId find_child(NodeId folder, std::string_view name) const;
    [[nodiscard]] EntryType type_of(const Node& node) const;
    [[nodiscard]] bool could_be_elsewhere(NodeId folder, NodeId child, std::string_view name) const;
    [[nodiscard]] std::size_t slot_of(NodeId folder, std::string_view name) const;

    Tables tables_;
    Options options_;
    std::vector<Node> nodes_;
    std::vector<NodeId> slots_;  ///< open addressing over (parent, name); a power of two
    std::vector<Content> contents_;
    std::vector<Change> changes_;
    std::unordered_map<std::string_view, std::uint32_t> loose_names_;
};

}  // namespace regtool::layer
