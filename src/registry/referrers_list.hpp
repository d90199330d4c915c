#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "regtool/model/descriptor.hpp"

namespace regtool::registry {

/// "sha256-<hex>": the tag under which clients keep the list of what refers to a manifest where the
/// registry does not (distribution-spec, "Referrers Tag Schema"; RFR-03).
[[nodiscard]] std::string referrers_tag(const model::Digest& subject);

/// That list, an index, as a document to change. Members that are not understood stay as they are.
/// A value.
class ReferrersList {
  public:
    /// Without entries.
    ReferrersList();
    ~ReferrersList();
    ReferrersList(ReferrersList&&) noexcept;
    ReferrersList& operator=(ReferrersList&&) noexcept;
    ReferrersList(const ReferrersList&) = delete;
    ReferrersList& operator=(const ReferrersList&) = delete;

    /// `text` must be an index that model::Manifest has parsed. Throws InvalidDocument.
    [[nodiscard]] static ReferrersList parse(std::string_view text);

    /// False when it is listed already.
    bool add(const model::Descriptor& referrer);
    /// False when it is not listed.
    bool remove(const model::Digest& referrer);

    [[nodiscard]] std::string text() const;

  private:
    std::unique_ptr<nlohmann::ordered_json> document_;
};

}  // namespace regtool::registry
