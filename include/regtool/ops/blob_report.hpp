#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "regtool/base/exit_code.hpp"

namespace regtool::ops {

struct BlobVerification {
    std::string name;  ///< as the user wrote it
    std::string digest;
    bool ok = false;
    std::uint64_t size = 0;  ///< bytes read
    std::string error;       ///< when not ok: what was expected and what came
    base::ExitCode code = base::ExitCode::ok;
};

struct BlobFacts {
    std::string digest;
    std::string media_type;
    std::optional<std::uint64_t> size;  ///< bytes
};

/// How a blob came to a repository.
enum class Placed { uploaded, mounted, present, not_mounted };

struct BlobPlacement {
    std::string reference;  ///< REPO@DIGEST
    std::string digest;
    std::uint64_t size = 0;  ///< bytes
    Placed how = Placed::uploaded;
};

}  // namespace regtool::ops
