#include "registry/range_receiver.hpp"

#include "registry/content_range.hpp"
#include "regtool/base/error.hpp"
#include "regtool/registry/error_body.hpp"

namespace regtool::registry {

namespace {

constexpr int kPartialContent = 206;

}  // namespace

RangeReceiver::RangeReceiver(ByteRange range, std::string what, stream::Sink& sink)
    : range_(range), what_(std::move(what)), sink_(sink) {}

void RangeReceiver::on_head(const http::HttpResponse& head) {
    const auto got = parse_content_range(head.headers.get("Content-Range").value_or(""));
    if (head.status != kPartialContent || !got || got->first != range_.first ||
        (range_.last && got->last > *range_.last)) {
        throw base::RegistryError(
            what_ + ": the registry does not send the part that was asked for", head.status);
    }
    left_ = got->last - got->first + 1;
}

void RangeReceiver::on_body(std::span<const std::byte> bytes) {
    if (bytes.size() > left_) {
        throw base::RegistryError(what_ + ": the registry sends more than was asked for");
    }
    left_ -= bytes.size();
    sink_.write(bytes);
}

void fetch_range(http::HttpClient& http,
                 http::HttpRequest request,
                 const std::string& what,
                 ByteRange range,
                 stream::Sink& sink,
                 const std::stop_token& stop) {
    request.headers.set("Range", "bytes=" + std::to_string(range.first) + "-" +
                                     (range.last ? std::to_string(*range.last) : ""));
    RangeReceiver receiver(range, what, sink);
    const http::HttpResponse response = http.download(request, receiver, stop);
    if (!response.ok()) {
        throw_for_response(request.method, response, what, what.substr(what.find(' ') + 1));
    }
}

}  // namespace regtool::registry
