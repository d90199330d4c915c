#pragma once

#include "regtool/base/error.hpp"
#include "regtool/registry/registry_client.hpp"

namespace regtool::registry {

inline bool serves(const Mirror& mirror, bool by_digest) noexcept {
    return mirror.serves == Mirror::Serves::everything ||
           (mirror.serves == Mirror::Serves::digests) == by_digest;
}

/// An answer that says "not here": an optional without a value.
template <class Answer>
bool is_absent(const Answer&) noexcept {
    return false;
}

template <class Value>
bool is_absent(const std::optional<Value>& answer) noexcept {
    return !answer.has_value();
}

struct Always {
    bool operator()() const noexcept { return true; }
};

template <class Read, class MayGoOn>
auto RegistryClient::read_located(const model::Repository& repository,
                                  bool by_digest,
                                  const Read& read,
                                  const MayGoOn& may_go_on) {
    if (!locate_) {
        return read(repository);
    }
    const Locations places = locate_(repository);
    for (const Mirror& mirror : places.mirrors) {
        if (!serves(mirror, by_digest)) {
            continue;
        }
        try {
            auto answer = read(mirror.repository);
            if (!is_absent(answer)) {
                log_.info(repository.familiar() + " is read from mirror " +
                          mirror.repository.str());
                return answer;
            }
            log_.info("mirror " + mirror.repository.str() + " does not have it");
        } catch (const base::Cancelled&) {
            throw;
        } catch (const base::Error& error) {
            if (!may_go_on()) {
                throw;
            }
            log_.info("mirror " + mirror.repository.str() + ": " + error.message());
        }
    }
    return read(places.primary);
}

template <class Read>
auto RegistryClient::read_located(const model::Repository& repository,
                                  bool by_digest,
                                  const Read& read) {
    return read_located(repository, by_digest, read, Always{});
}

}  // namespace regtool::registry
