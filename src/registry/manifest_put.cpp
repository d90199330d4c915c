#include "registry/manifest_put.hpp"

namespace regtool::registry {

Standing ask_standing(RegistryClient& registry,
                      const model::Reference& reference,
                      const model::Digest& digest,
                      const std::stop_token& stop) {
    Standing standing;
    standing.has_digest = registry.current(reference.with_digest(digest), stop).has_value();
    if (reference.tag()) {
        if (const auto tagged = registry.current(reference.with_tag(*reference.tag()), stop)) {
            standing.tag = tagged->digest;
        }
    }
    return standing;
}

ManifestPut::ManifestPut(Context context,
                         const model::Reference& reference,
                         const model::Digest& digest,
                         std::optional<TagBefore> before)
    : context_(context),
      reference_(reference),
      digest_(digest),
      before_(std::move(before)),
      what_("put " + reference.familiar()) {}

std::optional<http::HttpResponse> ManifestPut::run(const http::HttpRequest& request,
                                                   const std::stop_token& stop) {
    std::chrono::milliseconds waited{0};
    for (int attempt = 0;; ++attempt) {
        std::optional<http::HttpResponse> response;
        std::exception_ptr broken;
        http::Failure failure;
        std::string why;
        try {
            response = context_.http.send(request, stop);
            if (!http::may_be_done(response->status)) {
                return response;
            }
            failure = http::failure_of(*response, context_.clock);
            why = "status " + std::to_string(response->status);
        } catch (const base::TransportError& error) {
            if (!http::may_be_done(error)) {
                throw;
            }
            broken = std::current_exception();
            failure.transport_retryable = error.retryable();
            why = error.message();
        }
        const auto wait = http::next_wait({.max_retries = context_.retries}, attempt, failure,
                                          waited, context_.random.uniform());
        if (wait) {
            waited += *wait;
            pause(*wait, why, stop);
        }
        const Fate fate = ask(why, stop);
        if (fate == Fate::done) {
            context_.log.info(what_ + ": it had arrived");
            return std::nullopt;
        }
        if (wait && fate == Fate::open) {
            continue;
        }
        if (broken) {
            std::rethrow_exception(broken);
        }
        return response;
    }
}

ManifestPut::Fate ManifestPut::ask(const std::string& why, const std::stop_token& stop) {
    try {
        const Standing now = ask_standing(context_.registry, reference_, digest_, stop);
        if (now.is_whole(reference_, digest_)) {
            return Fate::done;
        }
        require_own(now, why);
        before_ = TagBefore{now.tag};
        return Fate::open;
    } catch (const base::Cancelled&) {
        throw;
    } catch (const base::PreconditionError&) {
        throw;
    } catch (const base::AccessDenied&) {
        return Fate::open;  // some may write and not read: the same put again does no harm
    } catch (const base::Error& error) {
        context_.log.info(what_ + ": what became of it is not known: " + error.message());
        return Fate::unknown;
    }
}

/// The same put again would take the tag away from whoever has moved it since.
void ManifestPut::require_own(const Standing& now, const std::string& why) {
    if (!before_ || !now.tag || *now.tag == digest_ || now.tag == before_->digest) {
        return;
    }
    base::PreconditionError error(reference_.familiar() + " moved to " + now.tag->str() +
                                  " while " + digest_.str() + " was put there");
    error.facts().reference = reference_.str();
    error.add_context("the answer to that was lost: " + why);
    error.add_context("it is not put again: the tag may be another writer's");
    throw error;
}

void ManifestPut::pause(std::chrono::milliseconds wait,
                        const std::string& why,
                        const std::stop_token& stop) {
    context_.log.info(what_ + ": " + why + "; asking what became of it in " +
                      std::to_string(wait.count()) + " ms");
    if (!context_.clock.sleep_for(wait, stop)) {
        throw base::Cancelled(base::ErrorKind::interrupted);
    }
}

}  // namespace regtool::registry
