#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "regtool/model/platform.hpp"
#include "regtool/store/image_store.hpp"
#include "regtool/stream/verify.hpp"

namespace regtool::ops {

/// How a user names a blob: REPO@DIGEST alone, or an IMAGE with one of its layers or its
/// configuration.
struct BlobSelector {
    std::string layer;  ///< empty: none
    bool config = false;
};

struct ChosenBlob {
    stream::Expectation expected;
    std::string media_type;  ///< empty when only the digest is known
    std::string label;       ///< for progress: "layer 3f4a9c21b0de"
};

/// `digest` is that of the reference when the name had one. Throws UsageError when neither a digest
/// nor a selector is given.
[[nodiscard]] ChosenBlob choose_blob(store::ImageStore& store,
                                     const std::optional<model::Digest>& digest,
                                     const BlobSelector& selector,
                                     const std::optional<model::Platform>& wanted,
                                     std::stop_token stop);

}  // namespace regtool::ops
