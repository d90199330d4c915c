#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regtool/registry/locations.hpp"

namespace regtool::cli {

/// What registries.conf says of the repositories below a prefix (containers-registries.conf(5)).
struct RegistryRule {
    struct Place {
        std::string location;
        bool insecure = false;
        registry::Mirror::Serves serves = registry::Mirror::Serves::everything;
    };

    std::string prefix;  ///< "host", "host/ns", "*.example.com"
    Place primary;       ///< an empty location keeps names as they are
    bool blocked = false;
    std::vector<Place> mirrors;
    std::string file;  ///< where it stands, for messages
};

/// The registries.conf of containers tools, version 2, with its drop-in files. A value.
class RegistriesConf {
  public:
    /// Which files: `named` (must exist), $CONTAINERS_REGISTRIES_CONF (must exist, no drop-ins),
    /// the user's, /etc's, /usr/share's; then the drop-in folders by file name, then
    /// $CONTAINERS_REGISTRIES_CONF_OVERRIDE (MIR-01). Throws UsageError for version 1 and for what
    /// has no meaning.
    [[nodiscard]] static RegistriesConf load(
        const std::string& named,
        const std::function<std::optional<std::string>(const char*)>& environment);

    /// Adds one file's rules; a rule with a prefix that is there already replaces it.
    void add_file(const std::string& path);
    /// The same of a file that was read; `path` is for messages.
    void add_text(const std::string& text, const std::string& path);

    [[nodiscard]] bool empty() const noexcept { return rules_.empty(); }

    /// Throws AccessDenied for a blocked repository (MIR-02).
    [[nodiscard]] registry::Locations locate(const model::Repository& repository) const;
    /// Whether "host:port" is a location for which clear text and unknown certificates are allowed.
    [[nodiscard]] bool is_insecure(std::string_view host_port) const;

  private:
    [[nodiscard]] const RegistryRule* find(std::string_view name) const;

    std::vector<RegistryRule> rules_;
};

}  // namespace regtool::cli
