#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

#include "regtool/base/error.hpp"
#include "regtool/registry/registry_client.hpp"

namespace regtool::registry {

/// What a registry has of a manifest that was put.
struct Standing {
    bool has_digest = false;
    std::optional<model::Digest> tag;  ///< what the reference's tag stands for; nullopt: nothing

    /// Under its digest and, where the reference has one, under its tag.
    [[nodiscard]] bool is_whole(const model::Reference& reference,
                                const model::Digest& digest) const {
        return has_digest && (!reference.tag() || tag == digest);
    }
};

/// Asks by digest and by tag, mirrors left aside. Throws as RegistryClient::current().
[[nodiscard]] Standing ask_standing(RegistryClient& registry,
                                    const model::Reference& reference,
                                    const model::Digest& digest,
                                    const std::stop_token& stop);

/// One manifest's PUT, sent until it is known what became of it (PUT-11): after an answer that was
/// lost, or that a gateway gave in the registry's place, the registry is asked before anything is
/// sent again. Used once, by one thread. Borrows everything.
class ManifestPut {
  public:
    struct Context {
        RegistryClient& registry;
        http::HttpClient& http;
        base::Clock& clock;
        base::Random& random;
        base::Log& log;
        int retries = 4;
    };

    /// `before`: what the tag stood for, if that is known.
    ManifestPut(Context context,
                const model::Reference& reference,
                const model::Digest& digest,
                std::optional<TagBefore> before);

    /// The registry's answer, whatever its status; nullopt where that was lost and the registry
    /// turned out to have the manifest and the tag. Throws PreconditionError where the tag has
    /// meanwhile become another writer's, TransportError.
    [[nodiscard]] std::optional<http::HttpResponse> run(const http::HttpRequest& request,
                                                        const std::stop_token& stop);

  private:
    enum class Fate { done, open, unknown };

    [[nodiscard]] Fate ask(const std::string& why, const std::stop_token& stop);
    void require_own(const Standing& now, const std::string& why);
    void pause(std::chrono::milliseconds wait, const std::string& why, const std::stop_token& stop);

    Context context_;
    const model::Reference& reference_;
    const model::Digest& digest_;
    std::optional<TagBefore> before_;
    std::string what_;
};

}  // namespace regtool::registry
