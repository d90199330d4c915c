#include "registry/blob_upload.hpp"

#include <algorithm>

#include "registry/requests.hpp"
#include "registry/upload_session.hpp"
#include "regtool/base/text.hpp"
#include "regtool/http/retry.hpp"
#include "regtool/registry/error_body.hpp"

namespace regtool::registry {

namespace {

constexpr int kMaxNewSessions = 3;
constexpr int kMaxResumes = 20;
/// A round that moved this much was worth it and does not count as a failure.
constexpr std::uint64_t kProgressBytes = std::uint64_t{1} << 20;
/// Below what proxies in front of registries let through, above what round trips cost.
constexpr std::uint64_t kChunkBytes = std::uint64_t{64} << 20;
/// nginx's own limit: no smaller chunk would pass where this one does not (UPL-21).
constexpr std::uint64_t kSmallestChunkBytes = std::uint64_t{1} << 20;
/// A registry that wants more than this at once is sent the whole (UPL-11).
constexpr std::uint64_t kLargestMinChunkBytes = std::uint64_t{1} << 30;

/// What an answer to a PUT or PATCH of an upload asks for.
enum class Verdict { ok, gone, too_large, unsupported, conflict, passing, final };

Verdict judge(int status) {
    if (status >= 200 && status < 300) {
        return Verdict::ok;
    }
    switch (status) {
        case 404:
            return Verdict::gone;
        case 413:
            return Verdict::too_large;
        case 405:
        case 501:
            return Verdict::unsupported;
        case 409:
        case 412:
        case 416:
            return Verdict::conflict;
        case 408:
        case 425:
        case 429:
        case 499:
            return Verdict::passing;
        default:
            return status >= 500 ? Verdict::passing : Verdict::final;
    }
}

}  // namespace

BlobUpload::BlobUpload(Context context, Job job, std::optional<UploadSession> session)
    : context_(context),
      job_(std::move(job)),
      what_("put blob " + job_.repository.familiar() + "@" + job_.digest.str()),
      body_(
          what_, job_.digest, job_.size, job_.read, [this](std::uint64_t up_to) { report(up_to); }),
      session_(std::move(session)) {}

void BlobUpload::run(const std::stop_token& stop) {
    try {
        Round round = Round::again;
        while (round == Round::again) {
            if (!session_) {
                open_session(stop);
            }
            if (chunk_ == 0) {
                round = put_whole(stop);
            } else {
                round = offset_ < job_.size ? patch_chunk(stop) : close(stop);
            }
        }
    } catch (const std::exception&) {
        if (session_) {
            cancel_session(context_.http, *session_, job_.base, job_.repository);
        }
        throw;
    }
    report(job_.size);
}

void BlobUpload::open_session(const std::stop_token& stop) {
    const std::string url = job_.base + "/v2/" + job_.repository.path() + "/blobs/uploads/";
    http::HttpRequest request;
    request.method = http::Method::post;
    request.scopes = {repository_scope(job_.repository, "pull,push")};
    const bool unusual = job_.digest.algorithm() != "sha256";
    request.url =
        url + (unusual ? "?digest-algorithm=" + std::string(job_.digest.algorithm()) : "");
    http::HttpResponse response = context_.http.send(request, stop);
    if (unusual && response.status == 400) {  // the registry does not know the parameter (UPL-23)
        request.url = url;
        response = context_.http.send(request, stop);
    }
    if (response.status != 202) {
        refuse(request.method, response);
    }
    session_ = session_of(response, what_);
    if (is_foreign(*session_, job_.base)) {
        context_.log.info(what_ + ": the bytes go to " + http::origin_of(session_->location) +
                          ", without credentials");
    }
    offset_ = 0;
    body_.restart();
}

http::HttpRequest BlobUpload::body_request(http::Method method) const {
    http::HttpRequest request = session_request(method, *session_, job_.base, job_.repository);
    request.headers.set("Content-Type", "application/octet-stream");
    if (method == http::Method::put) {
        request.url = closing_url(session_->location, job_.digest);
    }
    return request;
}

BlobUpload::Round BlobUpload::put_whole(const std::stop_token& stop) {
    const auto body = [this] { return body_.whole(); };
    try {
        const http::HttpResponse response =
            context_.http.upload(body_request(http::Method::put), body, job_.size, stop);
        return settle_whole(response, stop);
    } catch (const base::TransportError& error) {
        wait_after(error, stop);
    }
    return stored_or(stop, [this] {
        // What broke once breaks again: in chunks, what was taken stays taken.
        chunk_ = may_chunk() && job_.size > kSmallestChunkBytes
                     ? std::max(kChunkBytes, session_->min_chunk)
                     : 0;
        return anew("the connection broke");
    });
}

BlobUpload::Round BlobUpload::settle_whole(const http::HttpResponse& response,
                                           const std::stop_token& stop) {
    switch (judge(response.status)) {
        case Verdict::ok:
            return confirm(response, stop);
        case Verdict::gone:
            return stored_or(stop, [this] { return anew("it does not know the session"); });
        case Verdict::too_large:
        case Verdict::unsupported:
            whole_refused_ = true;
            return smaller_chunks(response);
        case Verdict::conflict:
        case Verdict::passing:
            wait_after(response, stop);
            return stored_or(stop,
                             [&] { return anew("status " + std::to_string(response.status)); });
        case Verdict::final:
            break;
    }
    refuse(http::Method::put, response);
}

BlobUpload::Round BlobUpload::patch_chunk(const std::stop_token& stop) {
    const std::uint64_t first = offset_;
    const std::uint64_t end = first + std::min(chunk_, job_.size - first);
    http::HttpRequest request = body_request(http::Method::patch);
    request.headers.set("Content-Range", std::to_string(first) + "-" + std::to_string(end - 1));
    const auto body = [this, first, end] { return body_.chunk(first, end); };
    try {
        const http::HttpResponse response = context_.http.upload(request, body, end - first, stop);
        return settle_chunk(response, end, stop);
    } catch (const base::TransportError& error) {
        wait_after(error, stop);
    }
    return ask_state(stop);
}

BlobUpload::Round BlobUpload::settle_chunk(const http::HttpResponse& response,
                                           std::uint64_t end,
                                           const std::stop_token& stop) {
    switch (judge(response.status)) {
        case Verdict::ok: {
            if (!parse_error_body(response.body).empty()) {
                refuse(http::Method::patch, response);
            }
            if (response.headers.get("Location")) {
                session_ = session_of(response, what_);
            }
            // An answer without Range has taken what it was sent.
            const auto range = response.headers.get("Range");
            return continue_at(range ? parse_upload_range(*range) : std::optional(end), end);
        }
        case Verdict::gone:
            return anew("it does not know the session");
        case Verdict::too_large:
            return smaller_chunks(response);
        case Verdict::unsupported:
            if (whole_refused_) {
                break;
            }
            chunks_refused_ = true;
            chunk_ = 0;
            return offset_ == 0 ? Round::again : anew("it takes no more chunks");
        case Verdict::conflict:
        case Verdict::passing:
            wait_after(response, stop);
            return ask_state(stop);
        case Verdict::final:
            break;
    }
    refuse(http::Method::patch, response);
}

/// The session's own word on how far it came (UPL-14, UPL-15).
BlobUpload::Round BlobUpload::ask_state(const std::stop_token& stop) {
    const http::HttpResponse response = context_.http.send(
        session_request(http::Method::get, *session_, job_.base, job_.repository), stop);
    if (!response.ok()) {
        return anew("it does not know how far the upload came, status " +
                    std::to_string(response.status));
    }
    if (response.headers.get("Location")) {
        session_ = session_of(response, what_);
    }
    return continue_at(parse_upload_range(response.headers.get("Range").value_or("")),
                       body_.position());
}

/// Goes on after the bytes that the registry says it has, of `sent` that it can have (F-19).
BlobUpload::Round BlobUpload::continue_at(std::optional<std::uint64_t> stored, std::uint64_t sent) {
    // "0-0" may be one byte or none (UPL-10).
    const bool ambiguous = stored == 1U && sent != 1;
    if (!stored || ambiguous || *stored > sent || *stored < offset_) {
        return anew("it says that it has other bytes than it was sent");
    }
    if (*stored - offset_ >= kProgressBytes || *stored == job_.size) {
        failures_ = 0;
    } else if (*stored < sent && ++resumes_ > kMaxResumes) {
        return anew("it takes chunks only in part");
    }
    offset_ = *stored;
    return Round::again;
}

BlobUpload::Round BlobUpload::close(const std::stop_token& stop) {
    body_.require_digest();
    const auto nothing = [] { return std::make_unique<stream::StringSource>(std::string()); };
    try {
        const http::HttpResponse response =
            context_.http.upload(body_request(http::Method::put), nothing, 0, stop);
        return settle_close(response, stop);
    } catch (const base::TransportError& error) {
        wait_after(error, stop);
    }
    return stored_or(stop, [&] { return ask_state(stop); });
}

BlobUpload::Round BlobUpload::settle_close(const http::HttpResponse& response,
                                           const std::stop_token& stop) {
    switch (judge(response.status)) {
        case Verdict::ok:
            return confirm(response, stop);
        case Verdict::gone:
            return stored_or(stop, [this] { return anew("it does not know the session"); });
        case Verdict::conflict:
        case Verdict::passing:
            wait_after(response, stop);
            return stored_or(stop, [&] { return ask_state(stop); });
        case Verdict::too_large:
        case Verdict::unsupported:
        case Verdict::final:
            break;
    }
    refuse(http::Method::put, response);
}

/// Only 201 promises that the blob is stored (UPL-06, UPL-27).
BlobUpload::Round BlobUpload::confirm(const http::HttpResponse& response,
                                      const std::stop_token& stop) {
    const auto header = response.headers.get("Docker-Content-Digest");
    const auto named = header ? model::Digest::try_parse(*header) : std::nullopt;
    if (named && named->algorithm() == job_.digest.algorithm() && *named != job_.digest) {
        base::IntegrityError error(what_ + ": the registry stored other bytes than were sent");
        error.add_context("sent   " + job_.digest.str());
        error.add_context("stored " + named->str());
        throw error;
    }
    const bool stored =
        parse_error_body(response.body).empty() && (response.status == 201 || job_.is_there(stop));
    if (!stored) {
        refuse(http::Method::put, response);
    }
    return Round::done;
}

/// After a lost answer the registry knows whether the blob arrived (F-16, F-17).
BlobUpload::Round BlobUpload::stored_or(const std::stop_token& stop,
                                        const std::function<Round()>& otherwise) {
    return job_.is_there(stop) ? Round::done : otherwise();
}

/// Leaves the session and starts with the next from the first byte (UPL-16, F-18).
BlobUpload::Round BlobUpload::anew(const std::string& why) {
    if (++renewals_ > kMaxNewSessions) {
        throw base::RegistryError(what_ + ": the registry did not keep the upload in " +
                                  std::to_string(renewals_) + " attempts: " + why);
    }
    context_.log.info(what_ + ": starting anew: " + why);
    cancel_session(context_.http, *session_, job_.base, job_.repository);
    session_.reset();
    return Round::again;
}

bool BlobUpload::may_chunk() const {
    return !chunks_refused_ && session_->min_chunk <= kLargestMinChunkBytes && job_.size > 0;
}

/// Halves what is sent at once (UPL-21), down to what could pass at all.
BlobUpload::Round BlobUpload::smaller_chunks(const http::HttpResponse& response) {
    const std::uint64_t sent = chunk_ == 0 ? job_.size : std::min(chunk_, job_.size);
    const std::uint64_t least = std::max(kSmallestChunkBytes, session_->min_chunk);
    const bool merely_unsupported = judge(response.status) == Verdict::unsupported;
    if (!may_chunk() || (sent <= least && !merely_unsupported)) {
        refuse(chunk_ == 0 ? http::Method::put : http::Method::patch, response);
    }
    chunk_ = std::max(least, std::min(kChunkBytes, merely_unsupported ? sent : (sent + 1) / 2));
    context_.log.info(what_ + ": the registry takes no " + std::to_string(sent) +
                      " bytes at once; sending " + std::to_string(chunk_));
    return Round::again;
}

void BlobUpload::wait_after(const http::HttpResponse& response, const std::stop_token& stop) {
    const std::string why = "status " + std::to_string(response.status);
    if (judge(response.status) == Verdict::conflict) {
        if (failures_ > 0) {
            refuse(chunk_ == 0 ? http::Method::put : http::Method::patch, response);
        }
        pause(std::chrono::milliseconds(0), why, stop);
        return;
    }
    const auto wait = http::next_wait({.max_retries = context_.retries}, failures_,
                                      http::failure_of(response, context_.clock),
                                      std::chrono::milliseconds(0), context_.random.uniform());
    if (!wait) {
        refuse(chunk_ == 0 ? http::Method::put : http::Method::patch, response);
    }
    pause(*wait, why, stop);
}

void BlobUpload::wait_after(const base::TransportError& error, const std::stop_token& stop) {
    http::Failure failure;
    failure.transport_retryable = error.retryable();
    const auto wait = http::next_wait({.max_retries = context_.retries}, failures_, failure,
                                      std::chrono::milliseconds(0), context_.random.uniform());
    if (!wait || ++resumes_ > kMaxResumes || (offset_ == 0 && renewals_ == kMaxNewSessions)) {
        base::TransportError final_error = error;
        final_error.prefix(what_);
        final_error.add_context("after " + std::to_string(offset_) + " bytes were taken and " +
                                std::to_string(failures_ + 1) + " attempts");
        throw final_error;
    }
    pause(*wait, error.message(), stop);
}

void BlobUpload::pause(std::chrono::milliseconds wait,
                       const std::string& why,
                       const std::stop_token& stop) {
    ++failures_;
    context_.log.info(what_ + ": " + why + "; going on in " + std::to_string(wait.count()) + " ms");
    if (!context_.clock.sleep_for(wait, stop)) {
        throw base::Cancelled(base::ErrorKind::interrupted);
    }
}

void BlobUpload::refuse(http::Method method, const http::HttpResponse& response) const {
    if (session_ && is_foreign(*session_, job_.base) &&
        (response.status == 401 || response.status == 403)) {
        base::AccessDenied error(what_ + ": the registry sends the bytes to " +
                                 http::origin_of(session_->location) +
                                 ", which asks for credentials; none are shown to it");
        error.facts().http_status = response.status;
        throw error;
    }
    throw_for_response(method, response, what_, job_.repository.str() + "@" + job_.digest.str());
}

void BlobUpload::report(std::uint64_t up_to) {
    if (up_to > reported_) {
        if (job_.arrived) {
            job_.arrived(up_to - reported_);
        }
        reported_ = up_to;
    }
}

}  // namespace regtool::registry
