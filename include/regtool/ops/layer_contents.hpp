#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "regtool/layer/layer_index.hpp"
#include "regtool/layer/layer_table.hpp"
#include "regtool/model/descriptor.hpp"
#include "regtool/ops/progress.hpp"
#include "regtool/store/image_store.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::ops {

/// What the bytes handed out from a layer were checked against.
enum class Checked {
    unread,   ///< nothing was asked of the layer
    nothing,  ///< read in part, with nothing to check it by
    hearsay,  ///< each part by a hash that somebody says it should have, whom nothing vouches for
    parts,    ///< each part by a hash that an index or the layer's own table of contents gives
    digest,   ///< read to its end, size and digest right
};

[[nodiscard]] std::string_view to_string(Checked checked) noexcept;

/// How much of a layer that is asked about is read.
enum class Reading {
    least,  ///< what its index or its own table of contents leaves to be read
    whole,  ///< all of it, whatever is known of it, so that its digest is checked
};

struct LayerFetch {
    std::uint64_t bytes = 0;  ///< stored (compressed) bytes that were moved
    Checked checked = Checked::unread;
    std::string note{};  ///< how it was known without being read, or why that was not possible
};

/// What the layers of one image hold, lowest layer first. How it is found out (a full read, a
/// cached index, a table of contents in the layer) is the implementation's business. Thread-safe;
/// work on different layers goes on side by side.
class LayerContents {
  public:
    /// Hears an entry's position in the layer's table and its content, which need not be read;
    /// returns whether to go on.
    using Visit = std::function<bool(std::size_t entry, stream::Source& content)>;

    LayerContents() = default;
    virtual ~LayerContents() = default;
    LayerContents(const LayerContents&) = delete;
    LayerContents& operator=(const LayerContents&) = delete;
    LayerContents(LayerContents&&) = delete;
    LayerContents& operator=(LayerContents&&) = delete;

    [[nodiscard]] virtual std::size_t count() const noexcept = 0;
    /// The layer's entries. Throws as list_layer() does; asked again it costs nothing.
    [[nodiscard]] virtual std::shared_ptr<const layer::LayerTable> table(std::size_t layer) = 0;
    /// The content of one entry, none for anything but files.
    [[nodiscard]] virtual std::unique_ptr<stream::Source> open(std::size_t layer,
                                                               std::size_t entry) = 0;
    /// All entries in archive order, on the calling thread, until `visit` returns false.
    virtual void walk(std::size_t layer, const Visit& visit) = 0;
    /// These entries alone, on the calling thread, until `visit` returns false. Positions ascend.
    /// By a walk, unless the implementation knows a cheaper way.
    virtual void read_entries(std::size_t layer,
                              std::span<const std::uint32_t> entries,
                              const Visit& visit);

    /// Whether an index is at hand that a whole, verified read made: the positions of entries are
    /// then those of the tar, the next time as well.
    [[nodiscard]] virtual bool is_indexed(std::size_t /*layer*/) const { return false; }

    [[nodiscard]] virtual LayerFetch fetched(std::size_t layer) const = 0;
};

/// What a full read tells and is told of indexes. Called from any thread.
struct IndexHooks {
    /// A layer was read to its end and found right: this is its index. Empty: none are made.
    std::function<void(std::size_t layer, layer::LayerIndex index)> made{};
    /// The hashes of its chunks when they are known: what is read is then right before it is handed
    /// out. May return nullptr; must outlive the LayerContents otherwise.
    std::function<const stream::ChunkHashes*(std::size_t layer)> chunks{};
};

struct FullReadOptions {
    /// Keep the stored bytes of what comes over a network in an unnamed temporary file, so that
    /// open() and walk() after table() do not fetch again.
    bool keep = false;
    /// What the layers must unpack to, one for each, lowest first; empty: not checked (DIF-02).
    std::vector<model::Digest> diff_ids{};
    IndexHooks index{};
};

/// Reads every layer that is asked about from its first byte to its last, and checks size and
/// digest. Borrows all but the list of layers. table() returns only after they were right; what
/// open() and walk() hand out is checked when table() was asked before, or at their end.
[[nodiscard]] std::unique_ptr<LayerContents> make_full_read_contents(
    store::ImageStore& store,
    std::vector<model::Descriptor> layers,
    ProgressListener& progress,
    std::stop_token stop,
    FullReadOptions options = {});

/// How many of `jobs` workers read layers side by side: each inflates on a core, and holds a window
/// and a table in memory.
[[nodiscard]] int layers_at_once(int jobs) noexcept;

/// Asks for all tables, layers_at_once(jobs) at a time.
[[nodiscard]] std::vector<std::shared_ptr<const layer::LayerTable>> load_tables(
    LayerContents& contents, int jobs);

}  // namespace regtool::ops
