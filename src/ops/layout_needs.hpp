#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "regtool/model/descriptor.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

/// Everything that some images of a layout are made of: manifests, configurations, layers. Not
/// thread-safe.
class LayoutNeeds {
  public:
    explicit LayoutNeeds(store::ImageStore& store) : store_(store) {}

    /// Adds what the index lists, and all below it. What is not there needs nothing. Throws
    /// InvalidDocument when there is no end to it.
    void add(const model::Descriptor& listed, const std::stop_token& stop);

    [[nodiscard]] bool contains(const model::Digest& digest) const {
        return digests_.contains(digest);
    }

    [[nodiscard]] const std::set<model::Digest>& digests() const noexcept { return digests_; }

    /// Why something could not be read, so that nobody knows what it needs; empty: all was.
    [[nodiscard]] const std::vector<std::string>& unreadable() const noexcept {
        return unreadable_;
    }

  private:
    /// What the document names as its parts.
    [[nodiscard]] std::vector<model::Descriptor> parts_of(const model::Descriptor& document,
                                                          const std::stop_token& stop);
    void insert(const model::Digest& digest);

    store::ImageStore& store_;
    std::set<model::Digest> digests_;
    std::vector<std::string> unreadable_;
};

}  // namespace regtool::ops
