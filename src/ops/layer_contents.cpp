#include "regtool/ops/layer_contents.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>

#include "held_bytes.hpp"
#include "layer_source.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/ops/parallel.hpp"
#include "regtool/stream/chunks.hpp"
#include "regtool/stream/compress.hpp"
#include "regtool/stream/pipe.hpp"
#include "regtool/stream/verify.hpp"

namespace regtool::ops {

namespace {

/// Writes down what passes.
class KeepingSource final : public stream::Source {
  public:
    KeepingSource(std::unique_ptr<stream::Source> inner, int fd)
        : inner_(std::move(inner)), sink_(fd, kSpoolName) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        const std::size_t got = inner_->read(out);
        if (got == 0) {
            sink_.flush();
        } else {
            sink_.write(out.first(got));
        }
        return got;
    }

  private:
    std::unique_ptr<stream::Source> inner_;
    stream::FdSink sink_;
};

/// The end is only reported after what a layer unpacks to was found to be what the configuration
/// says (DIF-02).
class DiffIdSource final : public stream::Source {
  public:
    DiffIdSource(std::unique_ptr<stream::Source> unpacked,
                 const model::Digest& layer,
                 const model::Digest& diff_id)
        : unpacked_(std::move(unpacked), model::require_verifier(diff_id)),
          layer_(layer),
          diff_id_(diff_id) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        const std::size_t got = unpacked_.read(out);
        if (got == 0 && !found_) {
            found_ = unpacked_.digest();
        }
        if (got == 0 && *found_ != diff_id_) {
            throw base::IntegrityError("layer " + layer_.str() + " unpacks to " + found_->str() +
                                       ", the configuration's diff ID is " + diff_id_.str());
        }
        return got;
    }

  private:
    stream::DigestingSource unpacked_;
    model::Digest layer_;
    model::Digest diff_id_;
    std::optional<model::Digest> found_;  ///< once all was read
};

/// One entry of a reader that it owns, together with what the reader's source reports to.
class OwnedContent final : public stream::Source {
  public:
    OwnedContent(std::shared_ptr<TransferScope> transfer,
                 std::unique_ptr<layer::LayerReader> reader)
        : transfer_(std::move(transfer)), reader_(std::move(reader)) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        const std::size_t got = reader_->read_content(out);
        if (got == 0 && transfer_) {
            transfer_->end(TransferEnd::done);
        }
        return got;
    }

  private:
    std::shared_ptr<TransferScope> transfer_;
    std::unique_ptr<layer::LayerReader> reader_;
};

class FullReadContents final : public LayerContents {
  public:
    FullReadContents(store::ImageStore& store,
                     std::vector<model::Descriptor> layers,
                     ProgressListener& progress,
                     std::stop_token stop,
                     FullReadOptions options)
        : store_(store),
          layers_(std::move(layers)),
          progress_(progress),
          stop_(std::move(stop)),
          options_(std::move(options)),
          states_(layers_.size()) {}

    std::size_t count() const noexcept override { return layers_.size(); }

    std::shared_ptr<const layer::LayerTable> table(std::size_t layer) override {
        State& state = states_.at(layer);
        const std::scoped_lock lock(state.mutex);
        if (!state.table) {
            state.table = read_table(layer, state);
        }
        return state.table;
    }

    std::unique_ptr<stream::Source> open(std::size_t layer, std::size_t entry) override {
        auto transfer = transfer_of(layer);
        auto reader = std::make_unique<layer::LayerReader>(plain(layer, transfer.get()));
        for (std::size_t i = 0; i <= entry; ++i) {
            check_stop();
            if (reader->next() == nullptr) {
                throw base::InvalidDocument("layer " + layers_[layer].digest.str() +
                                            " ended before entry " + std::to_string(entry));
            }
        }
        return std::make_unique<OwnedContent>(std::move(transfer), std::move(reader));
    }

    void walk(std::size_t layer, const Visit& visit) override {
        const auto transfer = transfer_of(layer);
        // Inflating on a thread of its own leaves this one to what `visit` does.
        auto inflated = std::make_unique<stream::ProducerSource>(
            [&](stream::Sink& sink, const std::stop_token&) {
                const auto source = plain(layer, transfer.get());
                stream::pump(*source, sink);
            });
        layer::LayerReader reader(std::move(inflated));
        CurrentContent content(reader);
        bool more = true;
        for (std::size_t i = 0; more && reader.next() != nullptr; ++i) {
            check_stop();
            more = visit(i, content);
        }
        if (transfer) {
            transfer->end(TransferEnd::done);
        }
    }

    LayerFetch fetched(std::size_t layer) const override {
        const State& state = states_.at(layer);
        return {state.bytes, state.checked};
    }

  private:
    struct State {
        std::mutex mutex;
        std::shared_ptr<const layer::LayerTable> table;
        base::UniqueFd kept;
        std::atomic<std::uint64_t> bytes{0};
        std::atomic<Checked> checked{Checked::unread};
    };

    /// Nothing is told of reading what is kept: the bytes have been counted.
    std::shared_ptr<TransferScope> transfer_of(std::size_t layer) {
        return states_[layer].kept.valid()
                   ? nullptr
                   : std::make_shared<TransferScope>(progress_, layer_label(layers_[layer]),
                                                     layers_[layer].size);
    }

    std::unique_ptr<stream::Source> plain(std::size_t layer, TransferScope* transfer) {
        State& state = states_[layer];
        if (state.kept.valid()) {
            return std::make_unique<stream::DecompressingSource>(
                std::make_unique<stream::PositionedSource>(state.kept.get(), kSpoolName));
        }
        return std::make_unique<stream::DecompressingSource>(stored(layer, *transfer));
    }

    store::BytesArrived counter(std::size_t layer, TransferScope& transfer) {
        State& state = states_[layer];
        Checked unread = Checked::unread;
        state.checked.compare_exchange_strong(unread, Checked::nothing);
        return [&state, &transfer](std::uint64_t n) {
            state.bytes += n;
            transfer.advance(n);
        };
    }

    std::unique_ptr<stream::Source> stored(std::size_t layer, TransferScope& transfer) {
        const model::Descriptor& descriptor = layers_[layer];
        require_tar(descriptor);
        auto source =
            store_.open_blob({descriptor.digest, descriptor.size}, counter(layer, transfer));
        const stream::ChunkHashes* chunks =
            options_.index.chunks ? options_.index.chunks(layer) : nullptr;
        if (chunks != nullptr) {
            source = std::make_unique<stream::ChunkVerifyingSource>(std::move(source), *chunks, 0);
        }
        return source;
    }

    /// The same, its chunks hashed on the thread that transfers; they are there once the end was
    /// read.
    std::unique_ptr<stream::Source> stored_hashed(std::size_t layer,
                                                  TransferScope& transfer,
                                                  stream::ChunkHashes& chunks) {
        const model::Descriptor& descriptor = layers_[layer];
        require_tar(descriptor);
        return std::make_unique<stream::ProducerSource>(
            [this, &descriptor, &chunks, arrived = counter(layer, transfer)](
                stream::Sink& sink, const std::stop_token& stop) {
                stream::ChunkHashingSink hashing(sink);
                store_.fetch_blob({descriptor.digest, descriptor.size}, hashing, stop, arrived,
                                  nullptr);
                chunks = hashing.finish();
            });
    }

    std::shared_ptr<const layer::LayerTable> read_table(std::size_t layer, State& state) {
        const model::Descriptor& descriptor = layers_[layer];
        TransferScope transfer(progress_, layer_label(descriptor), descriptor.size);
        layer::LayerIndex index{descriptor.digest};
        stream::CheckpointRequest checkpoints;
        if (options_.index.made) {
            checkpoints = layer::checkpoint_spacing(descriptor.size);
            checkpoints.listener = [&index](const stream::Checkpoint& found) { index.add(found); };
        }
        auto source = options_.index.made ? stored_hashed(layer, transfer, index.chunks)
                                          : stored(layer, transfer);
        base::UniqueFd kept;
        if (options_.keep && store_.repository()) {
            kept = base::open_unnamed_file();
            source = std::make_unique<KeepingSource>(std::move(source), kept.get());
        }
        auto unpacked = std::make_unique<stream::DecompressingSource>(
            std::move(source), stream::InflateLimits{}, std::move(checkpoints));
        const stream::DecompressingSource& decoder = *unpacked;
        source = std::move(unpacked);
        if (!options_.diff_ids.empty()) {
            source = std::make_unique<DiffIdSource>(std::move(source), descriptor.digest,
                                                    options_.diff_ids[layer]);
            index.diff_id = options_.diff_ids[layer];
        }
        std::uint64_t tar_bytes = 0;
        auto reader = std::make_unique<layer::LayerReader>(
            std::make_unique<CountingSource>(std::move(source), tar_bytes));
        index.table = tabulate(*reader, tar_bytes);
        index.compression = decoder.compression();
        reader.reset();  // its buffers are as large as those that the index is packed with
        state.kept = std::move(kept);
        state.checked = Checked::digest;
        transfer.end(TransferEnd::done);
        auto table = index.table;
        if (options_.index.made) {
            index.layer_bytes = index.chunks.blob_bytes;
            options_.index.made(layer, std::move(index));
        }
        return table;
    }

    std::shared_ptr<const layer::LayerTable> tabulate(layer::LayerReader& reader,
                                                      const std::uint64_t& tar_bytes) const {
        auto table = std::make_shared<layer::LayerTable>();
        while (const layer::Entry* entry = reader.next()) {
            check_stop();
            table->add(*entry, reader.header_offset());
        }
        table->set_tar_bytes(tar_bytes);
        return table;
    }

    void check_stop() const {
        if (stop_.stop_requested()) {
            throw base::Cancelled(base::ErrorKind::interrupted);
        }
    }

    store::ImageStore& store_;
    std::vector<model::Descriptor> layers_;
    ProgressListener& progress_;
    std::stop_token stop_;
    FullReadOptions options_;
    std::vector<State> states_;
};

}  // namespace

std::string_view to_string(Checked checked) noexcept {
    switch (checked) {
        case Checked::unread:
            return "not read";
        case Checked::nothing:
            return "read in part, not verified";
        case Checked::hearsay:
            return "read in part, not verified but by its publisher's word";
        case Checked::parts:
            return "read in part, each part verified";
        case Checked::digest:
            return "read whole, digest verified";
    }
    return "";
}

void LayerContents::read_entries(std::size_t layer,
                                 std::span<const std::uint32_t> entries,
                                 const Visit& visit) {
    auto next = entries.begin();
    if (next == entries.end()) {
        return;
    }
    walk(layer, [&](std::size_t entry, stream::Source& content) {
        if (entry != *next) {
            return true;
        }
        ++next;
        return visit(entry, content) && next != entries.end();
    });
}

std::unique_ptr<LayerContents> make_full_read_contents(store::ImageStore& store,
                                                       std::vector<model::Descriptor> layers,
                                                       ProgressListener& progress,
                                                       std::stop_token stop,
                                                       FullReadOptions options) {
    return std::make_unique<FullReadContents>(store, std::move(layers), progress, std::move(stop),
                                              std::move(options));
}

int layers_at_once(int jobs) noexcept {
    constexpr int kInflateAtOnce = 2;
    return std::min(jobs, kInflateAtOnce);
}

std::vector<std::shared_ptr<const layer::LayerTable>> load_tables(LayerContents& contents,
                                                                  int jobs) {
    std::vector<std::shared_ptr<const layer::LayerTable>> tables(contents.count());
    parallel_for(tables.size(), layers_at_once(jobs),
                 [&](std::size_t layer) { tables[layer] = contents.table(layer); });
    return tables;
}

}  // namespace regtool::ops
