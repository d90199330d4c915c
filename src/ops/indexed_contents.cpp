#include "regtool/ops/indexed_contents.hpp"

#include <atomic>
#include <mutex>

#include "layer_part.hpp"
#include "layer_source.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ops/toc_contents.hpp"

namespace regtool::ops {

namespace {

/// One entry, read out of a part of its layer.
class PartContent final : public stream::Source {
  public:
    PartContent(std::shared_ptr<TransferScope> transfer, std::unique_ptr<stream::Source> tar)
        : transfer_(std::move(transfer)), reader_(std::move(tar)) {}

    /// Throws InvalidDocument when another entry stands where this one should.
    void find(std::string_view path) {
        const layer::Entry* entry = reader_.next();
        if (entry == nullptr || entry->path != path) {
            throw base::InvalidDocument("the layer index leads to something else than '" +
                                        base::printable(path, 200) + "'");
        }
    }

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        const std::size_t got = reader_.read_content(out);
        if (got == 0) {
            transfer_->end(TransferEnd::done);
        }
        return got;
    }

  private:
    std::shared_ptr<TransferScope> transfer_;
    layer::LayerReader reader_;
};

class IndexedContents final : public LayerContents {
  public:
    IndexedContents(store::ImageStore& store,
                    const std::vector<model::Descriptor>& layers,
                    ProgressListener& progress,
                    const std::stop_token& stop,
                    FullReadOptions options,
                    const LayerIndexCache& cache,
                    IndexedOptions how)
        : store_(store),
          layers_(layers),
          progress_(progress),
          stop_(stop),
          cache_(cache),
          how_(how),
          diff_ids_(options.diff_ids),
          spooled_(options.keep && store.repository()),
          states_(layers.size()) {
        options.index.made = [this](std::size_t layer, layer::LayerIndex index) {
            keep_index(layer, std::move(index));
        };
        options.index.chunks = [this](std::size_t layer) {
            const auto index = known(layer);
            return index ? &index->chunks : nullptr;
        };
        const bool toc = how.reading == Reading::least && how.keep == KeepIndex::if_possible &&
                         options.diff_ids.empty();
        full_ = make_full_read_contents(store, layers, progress, stop, std::move(options));
        unknown_ = full_;
        if (toc) {
            unknown_ = make_toc_contents(store, layers, progress, stop, full_);
        }
    }

    std::size_t count() const noexcept override { return layers_.size(); }

    std::shared_ptr<const layer::LayerTable> table(std::size_t layer) override {
        const auto index = look_up(layer);
        return index ? index->table : unknown_->table(layer);
    }

    std::unique_ptr<stream::Source> open(std::size_t layer, std::size_t entry) override {
        const auto index = look_up(layer);
        const State& state = states_[layer];
        if (!index) {
            return unknown_->open(layer, entry);
        }
        if (spooled_ && !state.from_cache) {
            return full_->open(layer, entry);
        }
        if (index->table->type(entry) != layer::EntryType::file) {
            return std::make_unique<stream::StringSource>("");
        }
        LayerPart part = part_of(*index, entry);
        auto transfer =
            std::make_shared<TransferScope>(progress_, layer_label(layers_[layer]), part.count);
        auto tar = open_part(
            store_, index, std::move(part),
            [&bytes = states_[layer].part_bytes, transfer](std::uint64_t n) {
                bytes += n;
                transfer->advance(n);
            },
            stop_);
        auto content = std::make_unique<PartContent>(std::move(transfer), std::move(tar));
        try {
            content->find(index->table->path(entry));
        } catch (const base::RegistryError& error) {
            if (error.kind() == base::ErrorKind::limited) {
                throw;
            }
            return full_->open(layer, entry);  // parts cannot be had
        }
        return content;
    }

    void walk(std::size_t layer, const Visit& visit) override {
        // A table of contents may number entries in its own way: who knows the index reads the tar.
        (look_up(layer) ? full_ : unknown_)->walk(layer, visit);
    }

    LayerFetch fetched(std::size_t layer) const override {
        const State& state = states_.at(layer);
        LayerFetch fetch = unknown_->fetched(layer);
        fetch.bytes += state.part_bytes;
        // With an index at hand nothing comes out unchecked.
        const bool parts = fetch.checked == Checked::unread ? state.part_bytes > 0
                                                            : fetch.checked == Checked::nothing;
        if (parts && known(layer)) {
            fetch.checked = Checked::parts;
        }
        return fetch;
    }

  private:
    struct State {
        std::once_flag looked_up;
        mutable std::mutex mutex;
        std::shared_ptr<const layer::LayerIndex> index;
        std::atomic<bool> from_cache{false};
        std::atomic<std::uint64_t> part_bytes{0};
    };

    std::shared_ptr<const layer::LayerIndex> known(std::size_t layer) const {
        const State& state = states_.at(layer);
        const std::scoped_lock lock(state.mutex);
        return state.index;
    }

    void know(std::size_t layer, layer::LayerIndex index) {
        State& state = states_[layer];
        const std::scoped_lock lock(state.mutex);
        state.index = std::make_shared<const layer::LayerIndex>(std::move(index));
    }

    std::shared_ptr<const layer::LayerIndex> look_up(std::size_t layer) {
        State& state = states_.at(layer);
        std::call_once(state.looked_up, [&] {
            if (how_.reading == Reading::whole) {
                return;
            }
            auto index = cache_.find(layers_[layer]);
            // What was not hashed unpacked is read again where that is asked for (DIF-02).
            if (index && (diff_ids_.empty() || index->diff_id == diff_ids_[layer])) {
                state.from_cache = true;
                know(layer, *std::move(index));
            }
        });
        return known(layer);
    }

    void keep_index(std::size_t layer, layer::LayerIndex index) {
        try {
            cache_.put(index);
        } catch (const base::IoError&) {
            if (how_.keep == KeepIndex::or_fail) {
                throw;
            }
        }
        know(layer, std::move(index));
    }

    store::ImageStore& store_;
    std::vector<model::Descriptor> layers_;
    ProgressListener& progress_;
    std::stop_token stop_;
    const LayerIndexCache& cache_;
    IndexedOptions how_;
    std::vector<model::Digest> diff_ids_;
    bool spooled_;  ///< layers that were read in full stand in a temporary file
    std::vector<State> states_;
    std::shared_ptr<LayerContents> full_;
    std::shared_ptr<LayerContents> unknown_;  ///< for layers without an index
};

}  // namespace

std::unique_ptr<LayerContents> make_indexed_contents(store::ImageStore& store,
                                                     const std::vector<model::Descriptor>& layers,
                                                     ProgressListener& progress,
                                                     const std::stop_token& stop,
                                                     FullReadOptions options,
                                                     const LayerIndexCache& cache,
                                                     IndexedOptions how) {
    return std::make_unique<IndexedContents>(store, layers, progress, stop, std::move(options),
                                             cache, how);
}

}  // namespace regtool::ops
