#include "regtool/ops/indexed_contents.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "layer_part.hpp"
#include "layer_source.hpp"
#include "published_indexes.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ops/toc_contents.hpp"
#include "toc_finder.hpp"

namespace regtool::ops {

namespace {

constexpr const char* kMayBeWrong =
    "what is published beside the image may be wrong: --verify reads the layer itself";

/// More parts than this are more requests than one of the whole layer is worth.
constexpr std::size_t kMostParts = 16;

/// Whether to read these entries by parts of the layer moves fewer bytes.
bool parts_are_cheaper(const layer::LayerIndex& index, std::span<const std::uint32_t> entries) {
    if (entries.size() > kMostParts) {
        return false;
    }
    std::uint64_t bytes = 0;
    for (const std::uint32_t entry : entries) {
        bytes += part_of(index, entry).stored.bytes.size();
    }
    return bytes < index.layer_bytes;
}

/// One entry, read out of a part of its layer.
class PartContent final : public stream::Source {
  public:
    /// `hint` is for whoever wonders about an error.
    PartContent(std::shared_ptr<TransferScope> transfer,
                std::unique_ptr<stream::Source> tar,
                std::string hint)
        : transfer_(std::move(transfer)), reader_(std::move(tar)), hint_(std::move(hint)) {}

    /// Throws InvalidDocument when another entry stands where this one should.
    void find(std::string_view path) {
        hinting([&] {
            const layer::Entry* entry = reader_.next();
            if (entry == nullptr || entry->path != path) {
                throw base::InvalidDocument("the layer index leads to something else than '" +
                                            base::printable(path, 200) + "'");
            }
        });
    }

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        std::size_t got = 0;
        hinting([&] { got = reader_.read_content(out); });
        if (got == 0) {
            transfer_->end(TransferEnd::done);
        }
        return got;
    }

  private:
    template <class Work>
    void hinting(const Work& work) {
        try {
            work();
        } catch (base::Error& error) {
            if (!hint_.empty()) {
                error.set_hint(hint_);
            }
            throw;
        }
    }

    std::shared_ptr<TransferScope> transfer_;
    layer::LayerReader reader_;
    std::string hint_;
};

/// What open() gives, opened when it is first read.
class OpenedLate final : public stream::Source {
  public:
    explicit OpenedLate(std::function<std::unique_ptr<stream::Source>()> open)
        : open_(std::move(open)) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        if (!source_) {
            source_ = open_();
        }
        return source_->read(out);
    }

  private:
    std::function<std::unique_ptr<stream::Source>()> open_;
    std::unique_ptr<stream::Source> source_;
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
            return index && is_own(states_[layer]) ? &index->chunks : nullptr;
        };
        if (how.published.soci || how.published.referrers_of) {
            published_.emplace(store, how.published, cache, stop);
        }
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
        try {
            return open_from_part(layer, entry, index);
        } catch (const base::RegistryError& error) {
            if (error.kind() == base::ErrorKind::limited) {
                throw;
            }
            // Parts cannot be had.
            return is_own(state) ? full_->open(layer, entry)
                                 : open_by_name(layer, index->table->path(entry));
        } catch (const base::InvalidDocument& error) {
            return open_after(error, layer, entry);
        } catch (const base::IntegrityError& error) {
            return open_after(error, layer, entry);
        }
    }

    void walk(std::size_t layer, const Visit& visit) override {
        const auto index = look_up(layer);
        if (index && !is_own(states_[layer])) {
            walk_parts(layer, *index->table, visit);
            return;
        }
        // A table of contents may number entries in its own way: who knows the index reads the tar.
        (index ? full_ : unknown_)->walk(layer, visit);
    }

    void read_entries(std::size_t layer,
                      std::span<const std::uint32_t> entries,
                      const Visit& visit) override {
        const auto index = index_for_parts(layer);
        if (!index || !parts_are_cheaper(*index, entries)) {
            LayerContents::read_entries(layer, entries, visit);
            return;
        }
        for (const std::uint32_t entry : entries) {
            if (!visit(entry, *open(layer, entry))) {
                return;
            }
        }
    }

    bool is_indexed(std::size_t layer) const override {
        return known(layer) != nullptr && is_own(states_[layer]);
    }

    LayerFetch fetched(std::size_t layer) const override {
        const State& state = states_.at(layer);
        LayerFetch fetch = unknown_->fetched(layer);
        fetch.bytes += state.part_bytes;
        {
            const std::scoped_lock lock(state.mutex);
            fetch.note = state.note.empty() ? fetch.note : state.note;
        }
        // With an index at hand nothing comes out unchecked.
        const bool parts = fetch.checked == Checked::unread ? state.part_bytes > 0
                                                            : fetch.checked == Checked::nothing;
        if (parts && known(layer)) {
            fetch.checked = state.word == Word::publishers ? Checked::hearsay : Checked::parts;
        }
        return fetch;
    }

  private:
    /// Whose word an index is. Only our own numbers entries as the tar does for sure.
    enum class Word { own, images, publishers };

    struct State {
        std::mutex lookup;  ///< held while it is looked up
        bool looked_up = false;
        mutable std::mutex mutex;
        std::shared_ptr<const layer::LayerIndex> index;
        std::string note;
        std::atomic<bool> from_cache{false};
        Word word = Word::own;  ///< set with the lookup, before anything asks for it
        std::atomic<std::uint64_t> part_bytes{0};
    };

    static bool is_own(const State& state) noexcept { return state.word == Word::own; }

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
        // Not std::call_once: with the static libraries no exception gets through it.
        const std::scoped_lock looking(state.lookup);
        if (!state.looked_up) {
            if (how_.reading == Reading::least) {
                look_into_caches(layer, state);
            }
            state.looked_up = true;
        }
        return known(layer);
    }

    void look_into_caches(std::size_t layer, State& state) {
        auto index = cache_.find(layers_[layer]);
        // What was not hashed unpacked is read again where that is asked for (DIF-02).
        if (index && (diff_ids_.empty() || index->diff_id == diff_ids_[layer])) {
            state.from_cache = true;
            know(layer, *std::move(index));
        } else if (published_ && !announces_toc(layers_[layer])) {
            take_published(layer, state);
        }
    }

    void take_published(std::size_t layer, State& state) {
        require_tar(layers_[layer]);
        PublishedIndexes::Found found = published_->find(layers_[layer]);
        set_note(state, std::move(found.note));
        if (found.index) {
            state.word = found.vouched ? Word::images : Word::publishers;
            state.from_cache = true;
            know(layer, *std::move(found.index));
        }
    }

    static void set_note(State& state, std::string text) {
        const std::scoped_lock lock(state.mutex);
        state.note = std::move(text);
    }

    /// Throws what keeps the entry from being read by parts, as far as its beginning tells.
    std::unique_ptr<stream::Source> open_from_part(
        std::size_t layer,
        std::size_t entry,
        const std::shared_ptr<const layer::LayerIndex>& index) {
        State& state = states_[layer];
        LayerPart part = part_of(*index, entry);
        auto transfer = std::make_shared<TransferScope>(progress_, layer_label(layers_[layer]),
                                                        part.stored.bytes.size());
        auto tar = open_part(
            store_, index, std::move(part),
            [&bytes = state.part_bytes, transfer](std::uint64_t n) {
                bytes += n;
                transfer->advance(n);
            },
            stop_);
        auto content = std::make_unique<PartContent>(std::move(transfer), std::move(tar),
                                                     is_own(state) ? "" : kMayBeWrong);
        content->find(index->table->path(entry));
        return content;
    }

    /// What somebody else says of the layer is wrong, or what came of it was: the layer's own
    /// digest tells. What we found out ourselves was right.
    std::unique_ptr<stream::Source> open_after(const base::Error& error,
                                               std::size_t layer,
                                               std::size_t entry) {
        State& state = states_[layer];
        if (is_own(state)) {
            throw;
        }
        set_note(state, "what is published of it was of no use: " + error.message());
        return open_by_name(layer, known(layer)->table->path(entry));
    }

    /// From a layer that is read whole: a published table may have numbered its entries otherwise.
    std::unique_ptr<stream::Source> open_by_name(std::size_t layer, std::string_view path) {
        const auto table = full_->table(layer);
        for (std::size_t entry = table->size(); entry-- > 0;) {
            if (table->path(entry) == path) {
                return full_->open(layer, entry);
            }
        }
        base::InvalidDocument error("the layer has no '" + base::printable(path, 200) +
                                    "', which an index published beside the image told of");
        error.set_hint(kMayBeWrong);
        throw error;
    }

    /// The tar's entries need not be those that a published table speaks of: each is looked up by
    /// itself, and its name compared.
    void walk_parts(std::size_t layer, const layer::LayerTable& table, const Visit& visit) {
        for (std::size_t entry = 0; entry < table.size(); ++entry) {
            OpenedLate content([this, layer, entry] { return open(layer, entry); });
            if (!visit(entry, content)) {
                return;
            }
        }
    }

    /// nullptr where all of the layer stands in a temporary file, or nothing is known of it.
    std::shared_ptr<const layer::LayerIndex> index_for_parts(std::size_t layer) {
        auto index = look_up(layer);
        return spooled_ && !states_[layer].from_cache ? nullptr : index;
    }

    void keep_index(std::size_t layer, layer::LayerIndex index) {
        try {
            cache_.put(index);
        } catch (const base::IoError&) {
            if (how_.keep == KeepIndex::or_fail) {
                throw;
            }
        }
        // Who asks goes by the numbers of the table that was given out.
        if (is_own(states_[layer]) && index.windows.readable()) {
            know(layer, std::move(index));
        }
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
    std::optional<PublishedIndexes> published_;
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
