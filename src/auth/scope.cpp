#include <algorithm>
#include <array>

#include "regtool/auth/challenge.hpp"
#include "regtool/base/text.hpp"

namespace regtool::auth {

namespace {

/// "repository:host:5000/x:pull,push" -> resource "repository:host:5000/x", actions (ATH-15).
struct Scope {
    std::string resource;
    std::vector<std::string> actions;
};

Scope parse_scope(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return {std::string(text), {}};
    }
    Scope scope{std::string(text.substr(0, colon)), {}};
    for (const std::string_view action : base::split(text.substr(colon + 1), ',')) {
        if (!action.empty()) {
            scope.actions.emplace_back(action);
        }
    }
    return scope;
}

std::size_t rank_of(const std::string& action) {
    constexpr std::array<std::string_view, 3> kOrder = {"pull", "push", "delete"};
    return static_cast<std::size_t>(std::find(kOrder.begin(), kOrder.end(), action) -
                                    kOrder.begin());
}

std::vector<Scope> merged(const std::vector<std::string>& scopes) {
    std::vector<Scope> result;
    for (const std::string& text : scopes) {
        if (text.empty()) {
            continue;  // "authenticate, but ask for nothing"
        }
        Scope scope = parse_scope(text);
        auto same = std::find_if(result.begin(), result.end(), [&](const Scope& other) {
            return other.resource == scope.resource;
        });
        if (same == result.end()) {
            same = result.insert(same, {scope.resource, {}});
        }
        std::vector<std::string>& actions = same->actions;
        for (std::string& action : scope.actions) {
            if (std::find(actions.begin(), actions.end(), action) == actions.end()) {
                actions.push_back(std::move(action));
            }
        }
        std::stable_sort(
            actions.begin(), actions.end(),
            [](const std::string& a, const std::string& b) { return rank_of(a) < rank_of(b); });
    }
    return result;
}

bool allows(const Scope& granted, const Scope& wanted) {
    const auto has = [&](const std::string& action) {
        return std::find(granted.actions.begin(), granted.actions.end(), action) !=
               granted.actions.end();
    };
    return granted.resource == wanted.resource &&
           (has("*") || std::all_of(wanted.actions.begin(), wanted.actions.end(), has));
}

}  // namespace

std::vector<std::string> merge_scopes(const std::vector<std::string>& scopes) {
    std::vector<std::string> result;
    for (const Scope& scope : merged(scopes)) {
        std::string text = scope.resource;
        for (std::size_t i = 0; i < scope.actions.size(); ++i) {
            text += (i == 0 ? ":" : ",") + scope.actions[i];
        }
        result.push_back(std::move(text));
    }
    return result;
}

bool covers(const std::vector<std::string>& granted, const std::vector<std::string>& wanted) {
    const std::vector<Scope> have = merged(granted);
    const std::vector<Scope> need = merged(wanted);
    return std::all_of(need.begin(), need.end(), [&](const Scope& scope) {
        return std::any_of(have.begin(), have.end(),
                           [&](const Scope& other) { return allows(other, scope); });
    });
}

}  // namespace regtool::auth
