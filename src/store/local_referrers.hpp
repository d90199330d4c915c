#pragma once

#include <map>
#include <stop_token>
#include <string>

#include "regtool/model/descriptor.hpp"
#include "store/image_files.hpp"

namespace regtool::store {

/// What refers to a manifest, by the manifest's digest, in the order of the place's list.
using Referrers = std::multimap<model::Digest, model::Descriptor>;

/// Reads the manifests that a place lists, and those that their indexes list, and finds the ones
/// that have a subject (RFR-16). What cannot be read is passed over: whoever asks for it hears why.
[[nodiscard]] Referrers find_referrers(const ImageFiles& files,
                                       const std::string& place,
                                       const std::stop_token& stop);

}  // namespace regtool::store
