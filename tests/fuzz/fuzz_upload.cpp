#include <string>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "unit/registry/upload_lab.hpp"

using namespace regtool;
using namespace regtool::fuzz;
using http::HttpRequest;
using http::HttpResponse;
using http::Method;

namespace {

constexpr int kMostRequests = 400;

/// Large enough for several of the smallest chunks.
const std::string kBlob = [] {
    std::string blob;
    while (blob.size() < (std::size_t{5} << 19)) {
        blob += std::to_string(blob.size());
    }
    return blob;
}();
const model::Digest kDigest = model::Digest::sha256_of(kBlob);

/// What the registry does with one request, out of two bytes.
class Script {
  public:
    Script(const std::uint8_t* data, std::size_t size) : data_(data), words_(size / 2) {}

    /// Nothing: the registry answers as it should.
    std::optional<HttpResponse> before(const HttpRequest& request) {
        require(++requests_ < kMostRequests);
        kind_ = next_ < words_ ? data_[2 * next_] % 8 : 0;
        const std::uint8_t detail = next_ < words_ ? data_[2 * next_ + 1] : 0;
        ++next_;
        if (kind_ == 1) {
            throw test::broken();
        }
        if (kind_ == 2) {
            const int statuses[] = {200, 201, 202, 204, 400, 401, 403, 404,
                                    405, 408, 409, 413, 416, 429, 500, 503};
            return lie(request, test::respond(statuses[detail % 16]));
        }
        if (kind_ == 3) {
            return lie(request, test::respond(request.method == Method::get ? 204 : 202,
                                              {{"Location", "/v2/r/blobs/uploads/s1"},
                                               {"Range", ranges()[detail % ranges().size()]},
                                               {"OCI-Chunk-Min-Length", std::to_string(detail)}}));
        }
        if (kind_ == 4) {
            const std::string places[] = {"https://other.test/s", "http://h.test/s", "", "://"};
            return lie(request, test::respond(202, {{"Location", places[detail % 4]}}));
        }
        return std::nullopt;
    }

    void after() const {
        if (kind_ == 5) {
            throw test::broken();
        }
    }

    /// Something said that the blob is stored, although nobody stored it.
    [[nodiscard]] bool lied() const { return lied_; }

  private:
    HttpResponse lie(const HttpRequest& request, HttpResponse response) {
        lied_ = lied_ || (response.ok() && request.method != Method::post);
        return response;
    }

    static const std::vector<std::string>& ranges() {
        static const std::vector<std::string> all{"0-0",        "0-1048575", "bytes=0-2621439",
                                                  "0-99999999", "5-4",       "x"};
        return all;
    }

    const std::uint8_t* data_;
    std::size_t words_;
    std::size_t next_ = 0;
    int requests_ = 0;
    int kind_ = 0;
    bool lied_ = false;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-27: it ends, what was stored is what was announced, and no wrong source is ever closed.
    if (size < 1) {
        return 0;
    }
    const bool source_is_wrong = (data[0] & 1U) != 0;
    std::string bytes = kBlob;
    if (source_is_wrong) {
        bytes[bytes.size() * (data[0] >> 1U) / 128] ^= 1;
    }
    Script script(data + 1, size - 1);
    test::UploadLab lab;
    lab.registry.largest_body = (data[0] & 2U) != 0 ? std::size_t{3} << 19 : SIZE_MAX;
    lab.registry.before = [&](const HttpRequest& request) {
        const bool whole = request.body.size() == kBlob.size();
        const bool closes = request.method == Method::put && request.body.empty();
        require(!source_is_wrong || !(closes || whole));
        require(!whole || request.body == kBlob);
        return script.before(request);
    };
    lab.registry.after = [&](const HttpRequest&) { script.after(); };
    try {
        lab.lab.client.put_blob(lab.repository, kDigest, kBlob.size(), lab.reader(bytes, kDigest),
                                {});
    } catch (const base::Error&) {
        return 0;
    }
    require(!source_is_wrong);
    require(lab.has(kBlob) || script.lied());
    return 0;
}
