#include "auth/token_cache.hpp"

#include <algorithm>

#include "regtool/auth/challenge.hpp"

namespace regtool::auth {

namespace {

constexpr std::size_t kMaxTokens = 512;

/// A token that is about to end is not worth a 401: renewed when less than this is left (ATH-13).
std::chrono::seconds margin(std::chrono::seconds lifetime) {
    return std::max(std::chrono::seconds(5), lifetime / 10);
}

}  // namespace

std::optional<base::Secret> TokenCache::find(const Key& key) const {
    const auto now = clock_.monotonic();
    return entries_.with([&](const std::vector<Entry>& entries) -> std::optional<base::Secret> {
        for (const Entry& entry : entries) {
            if (entry.key.origin == key.origin && entry.key.identity == key.identity &&
                entry.until > now && covers(entry.key.scopes, key.scopes)) {
                return entry.token;
            }
        }
        return std::nullopt;
    });
}

void TokenCache::put(const Key& key, const Token& token) {
    const auto now = clock_.monotonic();
    entries_.with([&](std::vector<Entry>& entries) {
        std::erase_if(entries, [&](const Entry& entry) {
            return entry.until <= now ||
                   (entry.key.origin == key.origin && entry.key.identity == key.identity &&
                    covers(key.scopes, entry.key.scopes));
        });
        if (entries.size() >= kMaxTokens) {
            entries.erase(entries.begin());
        }
        entries.push_back({key, token.text, now + token.lifetime - margin(token.lifetime)});
    });
}

void TokenCache::drop(const base::Secret& token) {
    entries_.with([&](std::vector<Entry>& entries) {
        std::erase_if(entries, [&](const Entry& entry) { return entry.token == token; });
    });
}

}  // namespace regtool::auth
