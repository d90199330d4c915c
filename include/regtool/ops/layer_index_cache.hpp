#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "regtool/base/fd.hpp"
#include "regtool/layer/layer_index.hpp"
#include "regtool/model/descriptor.hpp"
#include "regtool/ops/content_facts.hpp"

namespace regtool::ops {

/// What is known of layers, in a folder: the index of each in one file, what was found out of its
/// entries' contents in another, named by the layer's digest; and indexes that others published, by
/// their own digests, because whether to go by one is decided anew each time. Several processes may
/// use it at once: a file appears whole or not at all, and one that is gone or not valid was never
/// there. The least recently used go when all take more than the bound. Thread-safe.
///
/// What is in it is believed, so only a folder is used that belongs to this user and that nobody
/// else can write to (T-38).
class LayerIndexCache {
  public:
    static constexpr std::uint64_t kDefaultMaxBytes = std::uint64_t{1} << 30;

    /// `folder` is made when something is put.
    explicit LayerIndexCache(const std::filesystem::path& folder,
                             std::uint64_t max_bytes = kDefaultMaxBytes);

    /// Why the folder that is there is not used; empty where it is.
    [[nodiscard]] std::string complaint() const;

    /// nullopt for one that is not there; one that cannot be read or speaks of something else is
    /// removed.
    [[nodiscard]] std::optional<layer::LayerIndex> find(const model::Descriptor& layer) const;
    /// Throws IoError.
    void put(const layer::LayerIndex& index) const;
    /// What the index of a layer takes; 0 when there is none.
    [[nodiscard]] std::uint64_t bytes_of(const model::Digest& layer) const;

    /// None for a layer of which nothing is kept.
    [[nodiscard]] LayerFacts find_facts(const model::Digest& layer) const;
    /// In place of those that were there. Throws IoError.
    void put_facts(const model::Digest& layer, const LayerFacts& facts) const;

    /// A small blob that tells of layers, as it was fetched: its bytes have its digest. nullopt for
    /// one that is not kept.
    [[nodiscard]] std::optional<std::string> find_blob(const model::Descriptor& blob) const;
    /// Throws IoError.
    void put_blob(const model::Digest& blob, std::string_view bytes) const;

  private:
    [[nodiscard]] std::filesystem::path file_of(const model::Digest& layer,
                                                std::string_view ending) const;
    /// Not valid for what is no regular file of ours.
    [[nodiscard]] base::UniqueFd open(const std::filesystem::path& file) const;
    [[nodiscard]] std::optional<std::string> read(const std::filesystem::path& file,
                                                  std::size_t max_bytes) const;
    void write(const std::filesystem::path& file,
               const std::function<void(stream::Sink&)>& fill) const;
    void make_folder() const;
    [[nodiscard]] bool is_ours() const;
    void evict() const;

    std::filesystem::path folder_;
    std::uint64_t max_bytes_;
};

}  // namespace regtool::ops
