#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"
#include "unit/registry/registry_lab.hpp"

using namespace regtool;
using namespace regtool::fuzz;

namespace {

const std::string kBlob = [] {
    std::string blob;
    for (int i = 0; i < 5000; ++i) {
        blob += std::to_string(i);
    }
    return blob;
}();

/// One answer out of four bytes: its kind, where it begins, where it breaks, what is odd about it.
http::HttpResponse answer_of(const std::uint8_t* word) {
    const std::size_t at = std::min(kBlob.size(), kBlob.size() * word[1] / 255);
    const std::string end = std::to_string(kBlob.size() - 1);
    const std::string total = std::to_string(kBlob.size() + ((word[3] & 1U) != 0 ? 1 : 0));
    const int statuses[] = {200, 206, 206, 206, 416, 404, 503, 302};
    http::HttpResponse response = test::respond(statuses[word[0] % 8]);
    response.body = response.status == 206 ? kBlob.substr(at) : kBlob;
    if ((word[3] & 2U) != 0 && !response.body.empty()) {
        response.body[response.body.size() / 2] ^= 1;
    }
    if (response.status == 206 && (word[3] & 4U) == 0) {
        response.headers.add("Content-Range",
                             "bytes " + std::to_string(at) + "-" + end + "/" + total);
    }
    if (response.status == 416) {
        response.headers.add("Content-Range", "bytes */" + std::to_string(at));
    }
    if ((word[3] & 8U) == 0) {
        response.headers.add("Content-Length", std::to_string(response.body.size()));
    }
    if ((word[3] & 16U) != 0) {
        response.headers.add("X-Break-After", std::to_string(response.body.size() * word[2] / 255));
    }
    return response;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-28: whatever answers come, the bytes are the right ones or there is an error, and it ends.
    if (size < 4) {
        return 0;
    }
    std::size_t next = 0;
    int requests = 0;
    test::RegistryLab lab([&](const http::HttpRequest&) {
        require(++requests < 200);
        return answer_of(data + 4 * (next++ % (size / 4)));
    });
    stream::StringSink sink(1 << 20);
    const bool knows_size = (data[0] & 128U) != 0;
    try {
        (void)lab.client.fetch_blob(
            model::Repository::parse("reg.test/r"),
            {model::Digest::sha256_of(kBlob),
             knows_size ? std::optional<std::uint64_t>(kBlob.size()) : std::nullopt},
            sink, {});
    } catch (const base::Error&) {
        return 0;
    }
    require(sink.text() == kBlob);
    return 0;
}
