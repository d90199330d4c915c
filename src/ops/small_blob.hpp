#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "regtool/registry/registry_client.hpp"

namespace regtool::ops {

/// The configuration of manifests that need none: the empty one of image-spec manifest.md.
inline constexpr std::string_view kEmptyConfig = "{}";

/// Puts a blob that is held in memory; returns its digest. Throws as RegistryClient::put_blob().
model::Digest put_small_blob(registry::RegistryClient& registry,
                             const model::Repository& repository,
                             const std::string& bytes,
                             const std::stop_token& stop);

}  // namespace regtool::ops
