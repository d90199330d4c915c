#include <charconv>

#include "fuzz/fuzz.hpp"
#include "http/redirect.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

using namespace regtool;
using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-31: "STATUS LOCATION" a hop: no more than ten, secrets to their own origin alone, and once
    // gone they do not come back.
    http::HttpRequest request;
    request.url = "https://reg.test/v2/r/blobs/x";
    request.authorization = base::Secret("Bearer canary");
    request.headers.add("X-Custom", "canary");
    const std::string home = http::origin_of(request.url);
    http::RedirectChain chain(request);
    int hops = 0;
    bool dropped = false;
    try {
        for (const std::string_view line : base::split(text_of(data, size), '\n')) {
            http::HttpResponse response;
            (void)std::from_chars(line.data(), line.data() + line.size(), response.status);
            response.url = chain.request().url;
            if (const std::size_t blank = line.find(' '); blank != std::string_view::npos) {
                response.headers.add("Location", std::string(line.substr(blank + 1)));
            }
            if (!chain.follow(response)) {
                break;
            }
            require(++hops <= http::kMaxRedirects);
            const bool at_home = http::origin_of(chain.request().url) == home;
            const bool has_secret = chain.request().authorization.has_value() ||
                                    chain.request().headers.get("X-Custom").has_value();
            require(!has_secret || (at_home && !dropped));
            dropped = dropped || !at_home;
        }
    } catch (const base::Error&) {
        return 0;
    }
    return 0;
}
