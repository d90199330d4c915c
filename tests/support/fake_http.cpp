#include "support/fake_http.hpp"

#include <algorithm>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::test {

http::HttpResponse FakeHttp::answer(const http::HttpRequest& request) {
    {
        const std::scoped_lock lock(mutex_);
        requests_.push_back(request);
    }
    http::HttpResponse response = handler_(request);
    if (response.url.empty()) {
        response.url = request.url;
    }
    return response;
}

http::HttpResponse FakeHttp::send(const http::HttpRequest& request, std::stop_token stop) {
    if (stop.stop_requested()) {
        throw base::Cancelled(base::ErrorKind::interrupted);
    }
    http::HttpResponse response = answer(request);
    if (request.method == http::Method::head) {
        response.body.clear();
    }
    return response;
}

void FakeHttp::send_many(const http::RequestProducer& next,
                         const http::CompletionHandler& done,
                         std::stop_token stop) {
    for (http::NextRequest produced = next(); produced.state != http::NextRequest::State::done;
         produced = next()) {
        if (produced.state == http::NextRequest::State::later) {
            when_idle();
            continue;
        }
        http::Completion completion{produced.tag, std::exception_ptr()};
        try {
            completion.result = send(produced.request, stop);
        } catch (const base::Error&) {
            completion.result = std::current_exception();
        }
        done(std::move(completion));
    }
}

http::HttpResponse FakeHttp::download(const http::HttpRequest& request,
                                      http::BodyReceiver& receiver,
                                      std::stop_token stop) {
    constexpr std::size_t kPiece = 1000;
    if (stop.stop_requested()) {
        throw base::Cancelled(base::ErrorKind::interrupted);
    }
    http::HttpResponse response = answer(request);
    if (!response.ok()) {
        return response;
    }
    const std::string body = std::exchange(response.body, {});
    const auto limit = base::parse_decimal(response.headers.get("X-Break-After").value_or(""));
    receiver.on_head(response);
    const std::size_t end = std::min<std::size_t>(body.size(), limit.value_or(body.size()));
    for (std::size_t at = 0; at < end; at += kPiece) {
        receiver.on_body(
            base::as_bytes(std::string_view(body).substr(at, std::min(kPiece, end - at))));
    }
    if (limit) {
        throw base::TransportError(base::TransportPhase::receive, true, "the test broke it");
    }
    return response;
}

http::HttpResponse FakeHttp::upload(const http::HttpRequest& request,
                                    const http::SourceFactory& body,
                                    std::optional<std::uint64_t> /*size*/,
                                    std::stop_token stop) {
    http::HttpRequest recorded = request;
    stream::StringSink sink(std::size_t{64} << 20);
    const auto source = body();
    (void)stream::pump(*source, sink);
    recorded.body = sink.text();
    return send(recorded, std::move(stop));
}

std::vector<http::HttpRequest> FakeHttp::requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
}

http::HttpResponse respond(int status,
                           std::vector<std::pair<std::string, std::string>> headers,
                           std::string body) {
    http::HttpResponse response;
    response.status = status;
    for (auto& [name, value] : headers) {
        response.headers.add(std::move(name), std::move(value));
    }
    response.body = std::move(body);
    return response;
}

}  // namespace regtool::test
