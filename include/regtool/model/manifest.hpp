#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "regtool/model/descriptor.hpp"
#include "regtool/model/platform.hpp"

namespace regtool::model {

inline constexpr std::size_t kMaxManifestBytes =
    std::size_t{4} << 20;  ///< the floor that the spec sets for pushes
inline constexpr std::size_t kMaxIndexEntries = 10'000;
inline constexpr std::size_t kMaxLayers = 1'000;

struct ImageManifest {
    Descriptor config;
    std::vector<Descriptor> layers;
    std::optional<Descriptor> subject;
    Annotations annotations;
    std::string artifact_type;

    /// The config is an image configuration (not an artifact's, DIF-10).
    [[nodiscard]] bool is_image() const;
};

struct IndexManifest {
    std::vector<Descriptor> manifests;
    std::optional<Descriptor> subject;
    Annotations annotations;
    std::string artifact_type;
};

/// Docker schema 1, for display only (MED-37, MED-38): layers oldest first.
struct Schema1Manifest {
    std::string name;
    std::string tag;
    std::string architecture;
    std::vector<Digest> layers;
};

/// A manifest of any kind plus the exact bytes it came from; the digest is of those bytes.
class Manifest {
  public:
    /// Checks size, JSON bounds, one unambiguous type (MED-21…25) and every descriptor.
    /// `content_type` is what the transport said (may be empty), `expected_type` what a parent
    /// descriptor said (may be empty): the parent wins over the header, the body must not
    /// contradict both. Throws InvalidDocument, or IntegrityError where the types contradict each
    /// other.
    [[nodiscard]] static Manifest parse(std::string bytes,
                                        std::string_view content_type,
                                        std::string_view expected_type = {});

    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

    [[nodiscard]] const Digest& digest() const noexcept { return digest_; }

    [[nodiscard]] const std::string& media_type() const noexcept { return media_type_; }

    [[nodiscard]] const ImageManifest* image() const noexcept {
        return std::get_if<ImageManifest>(&content_);
    }

    [[nodiscard]] const IndexManifest* index() const noexcept {
        return std::get_if<IndexManifest>(&content_);
    }

    [[nodiscard]] const Schema1Manifest* schema1() const noexcept {
        return std::get_if<Schema1Manifest>(&content_);
    }

    [[nodiscard]] Descriptor descriptor() const;
    /// The same as a list of referrers has it: with the artifact type and all annotations (MED-32,
    /// RFR-08).
    [[nodiscard]] Descriptor referrer_descriptor() const;
    /// The manifest that this one is about; nullptr when it is about none.
    [[nodiscard]] const Descriptor* subject() const noexcept;

  private:
    using Content = std::variant<ImageManifest, IndexManifest, Schema1Manifest>;

    Manifest(std::string bytes, Digest digest, std::string media_type, Content content);

    std::string bytes_;
    Digest digest_;
    std::string media_type_;
    Content content_;
};

/// The child of an index for a platform: exact first, then the best compatible one; attestations
/// and unknown platforms never (PLT-04…08). nullptr when there is none. A lone entry without
/// platform is taken (PLT-07).
[[nodiscard]] const Descriptor* select_platform(const IndexManifest& index, const Platform& wanted);
/// "linux/amd64, linux/arm64/v8": what to offer when nothing matched.
[[nodiscard]] std::string offered_platforms(const IndexManifest& index);

}  // namespace regtool::model
