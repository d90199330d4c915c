#include "regtool/ops/toc_contents.hpp"

#include <atomic>
#include <mutex>
#include <optional>

#include "layer_source.hpp"
#include "regtool/base/error.hpp"
#include "toc_finder.hpp"
#include "toc_reader.hpp"

namespace regtool::ops {

namespace {

/// One entry, together with the reader that it is read by.
class TocContent final : public stream::Source {
  public:
    TocContent(std::shared_ptr<TransferScope> transfer,
               std::unique_ptr<TocReader> reader,
               std::size_t entry)
        : transfer_(std::move(transfer)),
          reader_(std::move(reader)),
          content_(reader_->open(entry)) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        const std::size_t got = content_->read(out);
        if (got == 0) {
            transfer_->end(TransferEnd::done);
        }
        return got;
    }

  private:
    std::shared_ptr<TransferScope> transfer_;
    std::unique_ptr<TocReader> reader_;
    std::unique_ptr<stream::Source> content_;
};

/// eStargz's table is the last file of the tar.
bool ends_with_toc(const layer::LayerTable& table) {
    return table.size() > 0 && table.path(table.size() - 1) == kTocFile;
}

class TocContents final : public LayerContents {
  public:
    TocContents(store::ImageStore& store,
                std::vector<model::Descriptor> layers,
                ProgressListener& progress,
                std::stop_token stop,
                std::shared_ptr<LayerContents> others)
        : store_(store),
          layers_(std::move(layers)),
          progress_(progress),
          stop_(std::move(stop)),
          others_(std::move(others)),
          states_(layers_.size()) {}

    std::size_t count() const noexcept override { return layers_.size(); }

    std::shared_ptr<const layer::LayerTable> table(std::size_t layer) override {
        if (const auto toc = toc_of(layer)) {
            return toc->table();
        }
        auto table = others_->table(layer);
        State& state = states_[layer];
        const std::scoped_lock lock(state.mutex);
        if (state.found.note.empty() && ends_with_toc(*table)) {
            state.found.note =
                "the manifest names no digest of its table of contents, which was not used";
        }
        return table;
    }

    std::unique_ptr<stream::Source> open(std::size_t layer, std::size_t entry) override {
        auto toc = toc_of(layer);
        if (!toc) {
            return others_->open(layer, entry);
        }
        std::uint64_t packed = 0;
        for (const layer::TocChunk& chunk : toc->chunks(entry)) {
            packed += chunk.zeros ? 0 : chunk.packed_end - chunk.packed;
        }
        auto transfer =
            std::make_shared<TransferScope>(progress_, layer_label(layers_[layer]), packed);
        return std::make_unique<TocContent>(transfer, reader(layer, std::move(toc), transfer),
                                            entry);
    }

    void walk(std::size_t layer, const Visit& visit) override {
        auto toc = toc_of(layer);
        if (!toc) {
            others_->walk(layer, visit);
            return;
        }
        const auto transfer =
            std::make_shared<TransferScope>(progress_, layer_label(layers_[layer]), std::nullopt);
        const std::size_t count = toc->table()->size();
        const auto files = reader(layer, std::move(toc), transfer);
        bool more = true;
        for (std::size_t entry = 0; more && entry < count; ++entry) {
            if (stop_.stop_requested()) {
                throw base::Cancelled(base::ErrorKind::interrupted);
            }
            const auto content = files->open(entry);
            more = visit(entry, *content);
        }
        transfer->end(TransferEnd::done);
    }

    LayerFetch fetched(std::size_t layer) const override {
        const State& state = states_.at(layer);
        LayerFetch fetch = others_->fetched(layer);
        fetch.bytes += state.bytes;
        const std::scoped_lock lock(state.mutex);
        if (state.found.toc) {
            fetch.checked = Checked::parts;
        }
        if (!state.found.note.empty()) {
            fetch.note = state.found.note;
        }
        return fetch;
    }

  private:
    struct State {
        // Held while the table is fetched. Not std::call_once: with the static libraries no
        // exception gets through it.
        std::mutex lookup;
        bool looked_up = false;
        mutable std::mutex mutex;
        FoundToc found;
        std::atomic<std::uint64_t> bytes{0};
    };

    std::shared_ptr<const layer::LayerToc> toc_of(std::size_t layer) {
        State& state = states_.at(layer);
        const std::scoped_lock looking(state.lookup);
        if (!state.looked_up) {
            require_tar(layers_[layer]);
            FoundToc found = find_layer_toc(
                store_, layers_[layer], [&state](std::uint64_t n) { state.bytes += n; }, stop_);
            state.looked_up = true;
            const std::scoped_lock lock(state.mutex);
            state.found = std::move(found);
        }
        const std::scoped_lock lock(state.mutex);
        return state.found.toc;
    }

    std::unique_ptr<TocReader> reader(std::size_t layer,
                                      std::shared_ptr<const layer::LayerToc> toc,
                                      const std::shared_ptr<TransferScope>& transfer) {
        return std::make_unique<TocReader>(
            store_, layers_[layer].digest, std::move(toc),
            [&bytes = states_[layer].bytes, transfer](std::uint64_t n) {
                bytes += n;
                transfer->advance(n);
            },
            stop_);
    }

    store::ImageStore& store_;
    std::vector<model::Descriptor> layers_;
    ProgressListener& progress_;
    std::stop_token stop_;
    std::shared_ptr<LayerContents> others_;
    std::vector<State> states_;
};

}  // namespace

std::unique_ptr<LayerContents> make_toc_contents(store::ImageStore& store,
                                                 std::vector<model::Descriptor> layers,
                                                 ProgressListener& progress,
                                                 std::stop_token stop,
                                                 std::shared_ptr<LayerContents> others) {
    return std::make_unique<TocContents>(store, std::move(layers), progress, std::move(stop),
                                         std::move(others));
}

}  // namespace regtool::ops
