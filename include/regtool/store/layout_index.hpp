#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regtool/model/descriptor.hpp"

namespace regtool::store {

/// `index.json` larger than this is refused (T-39); 16 MiB hold some 50,000 entries.
inline constexpr std::size_t kMaxLayoutIndexBytes = std::size_t{16} << 20;

inline constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";
inline constexpr std::string_view kContainerdName = "io.containerd.image.name";

/// The `index.json` of an OCI layout: its entries, and changes that leave every other byte as it
/// was (image-spec image-layout.md). A value; not thread-safe.
class LayoutIndex {
  public:
    struct Entry {
        model::Descriptor descriptor;
        std::string text;  ///< its very bytes, blanks around it included

        /// `org.opencontainers.image.ref.name`, empty when it has none.
        [[nodiscard]] std::string ref_name() const;
        /// `io.containerd.image.name`, empty when it has none.
        [[nodiscard]] std::string full_name() const;
    };

    /// Of a new layout.
    LayoutIndex();
    /// Throws InvalidDocument; `where` names the file.
    [[nodiscard]] static LayoutIndex parse(const std::string& text, const std::string& where);

    [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }

    /// The entry that has exactly this name; nullptr when none has.
    [[nodiscard]] const Entry* named(std::string_view name) const;

    /// Lists a manifest without a name, unless it is listed already.
    void add(const model::Descriptor& descriptor);
    /// Makes `name` stand for the manifest. An entry that had the name goes, or stays without it
    /// where `stays` says that it has another purpose.
    void set_name(const std::string& name,
                  const model::Descriptor& descriptor,
                  const std::function<bool(const model::Descriptor&)>& stays);

    /// Takes the manifest out, under all its names.
    void remove(const model::Digest& digest);
    /// Takes a name away, whether tag or containerd's; what it stood for stays listed, if only
    /// without a name.
    void remove_name(std::string_view name);

    /// The document as it is to be written.
    [[nodiscard]] std::string text() const;

  private:
    std::string head_;  ///< up to the bracket that opens the entries
    std::vector<Entry> entries_;
    std::string tail_;  ///< from the bracket that closes them
};

}  // namespace regtool::store
