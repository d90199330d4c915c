#include "support/catch.hpp"
#include "unit/registry/upload_lab.hpp"

using namespace regtool;
using http::HttpRequest;
using http::Method;
using test::break_it;
using test::broken;
using test::chunk_only;
using test::kLarge;
using test::kSmall;
using test::on_nth;
using test::respond;
using test::UploadLab;

TEST_CASE("UPL-02 UPL-03 UPL-04 UPL-06 a blob is a POST and a PUT of the whole") {
    UploadLab lab;
    lab.put(kSmall);
    CHECK(lab.has(kSmall));
    CHECK(lab.arrived == kSmall.size());
    CHECK(lab.methods() == "POST PUT");
    const auto requests = lab.lab.fake.requests();
    CHECK(requests.at(0).url == "https://h.test/v2/r/blobs/uploads/");
    CHECK(requests.at(0).scopes == std::vector<std::string>{"repository:r:pull,push"});
    const std::string digest = model::Digest::sha256_of(kSmall).str().substr(7);
    CHECK(requests.at(1).url ==
          "https://h.test/v2/r/blobs/uploads/s1?_state=a%2Bb=1&digest=sha256%3A" + digest);
    CHECK(requests.at(1).headers.get("Content-Type") == "application/octet-stream");
    CHECK(requests.at(1).scopes == requests.at(0).scopes);
    CHECK(requests.at(1).named_by == requests.at(0).url);
}

TEST_CASE("UPL-19 an empty blob is uploaded") {
    UploadLab lab;
    lab.put("");
    CHECK(lab.has(""));
    CHECK(lab.methods() == "POST PUT");
}

TEST_CASE("MNT-02 the session that a declined mount left is used") {
    UploadLab lab;
    lab.registry.sessions["m"] = "";
    lab.put(kSmall, registry::UploadSession{"https://h.test/v2/r/blobs/uploads/m?x=1",
                                            "https://h.test/v2/", 0});
    CHECK(lab.has(kSmall));
    CHECK(lab.methods() == "PUT");
}

TEST_CASE("UPL-08 UPL-09 UPL-13 UPL-21 a PUT that is too large becomes chunks") {
    UploadLab lab;
    chunk_only(lab);
    lab.put(kLarge);
    CHECK(lab.has(kLarge));
    CHECK(lab.arrived == kLarge.size());
    CHECK(lab.count(Method::post) == 1);
    const auto requests = lab.lab.fake.requests();
    // 3 MiB, refused; 1.5 MiB, refused; then 1 MiB each.
    CHECK(lab.methods() == "POST PUT PATCH PATCH PATCH PATCH PUT");
    CHECK(requests.at(3).headers.get("Content-Range") == "0-1048575");
    CHECK(requests.at(5).headers.get("Content-Range") == "2097152-3145727");
    CHECK(requests.at(6).body.empty());
    CHECK(requests.at(6).url.find("_state=a%2Bb=4&digest=") != std::string::npos);  // UPL-05
    // The chunks are read through one opened source.
    CHECK(lab.opened_at == std::vector<std::uint64_t>{0, 0, 0});
}

TEST_CASE("UPL-21 chunks never go below 1 MiB") {
    UploadLab lab;
    lab.registry.largest_body = 1000;
    CHECK_THROWS_AS(lab.put(kLarge), base::RegistryError);
    CHECK(lab.registry.sessions.empty());  // UPL-18
    CHECK(lab.registry.blobs.empty());
}

TEST_CASE("UPL-11 OCI-Chunk-Min-Length is kept, and one that is too large leads to the whole") {
    SECTION("kept") {
        UploadLab lab;
        chunk_only(lab);
        lab.registry.largest_body = 2U << 20;
        lab.registry.min_chunk = 2U << 20;
        lab.put(kLarge);
        CHECK(lab.has(kLarge));
        for (const HttpRequest& request : lab.lab.fake.requests()) {
            CHECK((request.method != Method::patch || request.body.size() == (2U << 20) ||
                   request.headers.get("Content-Range") == "2097152-3145727"));
        }
    }
    SECTION("beyond 1 GiB") {
        UploadLab lab;
        chunk_only(lab);
        lab.registry.min_chunk = (std::uint64_t{1} << 30) + 1;
        CHECK_THROWS_AS(lab.put(kLarge), base::RegistryError);
        CHECK(lab.count(Method::patch) == 0);
    }
}

TEST_CASE("UPL-22 a registry without PATCH gets the whole, one without PUT of bodies gets chunks") {
    UploadLab lab;
    lab.registry.before =
        on_nth(Method::put, 1, [](const HttpRequest&) { return std::optional(respond(405)); });
    lab.put(kLarge);
    CHECK(lab.has(kLarge));
    CHECK(lab.methods() == "POST PUT PATCH PUT");
}

TEST_CASE("F-15 UPL-15 a chunk that was cut is resumed where the registry stopped") {
    UploadLab lab;
    chunk_only(lab);
    int patches = 0;
    lab.registry.before = [&](const HttpRequest& request) -> std::optional<http::HttpResponse> {
        if (request.method == Method::patch && request.body.size() <= (1U << 20) &&
            ++patches == 2) {
            lab.registry.sessions["s1"] += request.body.substr(0, 1000);
            throw broken();
        }
        return std::nullopt;
    };
    lab.put(kLarge);
    CHECK(lab.has(kLarge));
    CHECK(lab.arrived == kLarge.size());
    CHECK(lab.count(Method::post) == 1);
    CHECK(lab.count(Method::get) == 1);
    CHECK(lab.opened_at.back() == (1U << 20) + 1000);
}

TEST_CASE("F-17 a chunk that was stored although its answer was lost is not sent again") {
    UploadLab lab;
    chunk_only(lab);
    int patches = 0;
    lab.registry.after = [&](const HttpRequest& request) {
        if (request.method == Method::patch && request.body.size() <= (1U << 20) &&
            ++patches == 1) {
            throw broken();
        }
    };
    lab.put(kLarge);
    CHECK(lab.has(kLarge));
    CHECK(patches == 3);
}

TEST_CASE("F-16 F-17 after a lost answer to the PUT the registry is asked for the blob") {
    UploadLab lab;
    lab.registry.after = [](const HttpRequest& request) {
        if (request.method == Method::put) {
            throw broken();
        }
    };
    lab.put(kSmall);
    CHECK(lab.has(kSmall));
    CHECK(lab.methods() == "POST PUT HEAD");
}

TEST_CASE("F-16 a PUT that was cut is done anew in chunks, so that the next cut costs less") {
    UploadLab lab;
    lab.registry.before = on_nth(Method::put, 1, break_it);
    lab.put(kLarge);
    CHECK(lab.has(kLarge));
    CHECK(lab.arrived == kLarge.size());
    CHECK(lab.methods() == "POST PUT HEAD DELETE POST PATCH PUT");
}

TEST_CASE("F-18 UPL-16 a session that is gone is opened again, three times") {
    for (const int losses : {1, 3, 4}) {
        CAPTURE(losses);
        UploadLab lab;
        int seen = 0;
        lab.registry.before = [&](const HttpRequest& request) -> std::optional<http::HttpResponse> {
            if (request.method == Method::put && ++seen <= losses) {
                return respond(404, {}, R"({"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]})");
            }
            return std::nullopt;
        };
        if (losses <= 3) {
            lab.put(kSmall);
            CHECK(lab.has(kSmall));
        } else {
            CHECK_THROWS_AS(lab.put(kSmall), base::RegistryError);
        }
        CHECK(lab.count(Method::post) == std::min(losses + 1, 4));
        CHECK(lab.registry.sessions.empty());
    }
}

TEST_CASE("F-19 UPL-09 a registry that claims other bytes than it was sent gets a new session") {
    for (const std::string range : {"0-5000000", "0-0", "5-7", "bytes 0-3", "-1", ""}) {
        CAPTURE(range);
        UploadLab lab;
        chunk_only(lab);
        int accepted = 0;
        lab.registry.before = [&](const HttpRequest& request) -> std::optional<http::HttpResponse> {
            if (request.method == Method::patch && request.body.size() <= (1U << 20) &&
                ++accepted == 1) {
                return respond(202, {{"Location", request.url}, {"Range", range}});
            }
            return std::nullopt;
        };
        lab.put(kLarge);
        CHECK(lab.has(kLarge));
        CHECK(lab.count(Method::post) == 2);
    }
}

TEST_CASE("F-19 a registry that took less is sent the rest") {
    UploadLab lab;
    chunk_only(lab);
    bool lied = false;
    lab.registry.before = [&](const HttpRequest& request) -> std::optional<http::HttpResponse> {
        if (request.method == Method::patch && request.body.size() <= (1U << 20) && !lied) {
            lied = true;
            lab.registry.sessions["s1"] = request.body.substr(0, 500'000);
            return respond(202, {{"Location", request.url}, {"Range", "bytes=0-499999"}});
        }
        return std::nullopt;
    };
    lab.put(kLarge);
    CHECK(lab.has(kLarge));
    CHECK(lab.count(Method::post) == 1);
    CHECK(lab.opened_at.back() == 500'000);
}

TEST_CASE("UPL-14 a 416 is settled by asking the session") {
    UploadLab lab;
    chunk_only(lab);
    int seen = 0;
    lab.registry.before = [&](const HttpRequest& request) -> std::optional<http::HttpResponse> {
        if (request.method == Method::patch && request.body.size() <= (1U << 20) && ++seen == 2) {
            return respond(416);
        }
        return std::nullopt;
    };
    lab.put(kLarge);
    CHECK(lab.has(kLarge));
    CHECK(lab.count(Method::get) == 1);
    CHECK(lab.count(Method::post) == 1);
}

TEST_CASE("ERR-09 every status at every step ends as the table says") {
    enum class End { healed, fails };

    struct Row {
        int status;
        End post;
        End patch;
        End put;
    };

    // POST is repeated by the floor below, which is absent here: each refusal is final.
    const Row rows[] = {
        {400, End::fails, End::fails, End::fails},   {401, End::fails, End::fails, End::fails},
        {403, End::fails, End::fails, End::fails},   {404, End::fails, End::healed, End::healed},
        {405, End::fails, End::healed, End::healed}, {408, End::fails, End::healed, End::healed},
        {409, End::fails, End::healed, End::healed}, {412, End::fails, End::healed, End::healed},
        {413, End::fails, End::healed, End::healed}, {416, End::fails, End::healed, End::healed},
        {422, End::fails, End::fails, End::fails},   {425, End::fails, End::healed, End::healed},
        {429, End::fails, End::healed, End::healed}, {499, End::fails, End::healed, End::healed},
        {500, End::fails, End::healed, End::healed}, {501, End::fails, End::healed, End::healed},
        {502, End::fails, End::healed, End::healed}, {503, End::fails, End::healed, End::healed},
        {504, End::fails, End::healed, End::healed}, {507, End::fails, End::healed, End::healed},
        {522, End::fails, End::healed, End::healed}, {524, End::fails, End::healed, End::healed},
        {302, End::fails, End::fails, End::fails},   {307, End::fails, End::fails, End::fails},
    };
    for (const Row& row : rows) {
        for (const auto& [method, end] :
             {std::pair{Method::post, row.post}, std::pair{Method::patch, row.patch},
              std::pair{Method::put, row.put}}) {
            CAPTURE(row.status, http::to_string(method));
            UploadLab lab;
            bool once = false;
            lab.registry.before =
                [&, chunked = method == Method::patch,
                 wanted = method](const HttpRequest& request) -> std::optional<http::HttpResponse> {
                const bool whole = request.method == Method::put && !request.body.empty();
                if (chunked && whole && !once) {
                    return respond(405);  // leads to chunks
                }
                if (request.method == wanted && !once) {
                    once = true;
                    return respond(row.status);
                }
                return std::nullopt;
            };
            // Chunks were asked for by the 405: a registry that takes neither way is a refusal.
            const bool neither =
                method == Method::patch && (row.status == 405 || row.status == 501);
            if (end == End::healed && !neither) {
                lab.put(kLarge);
                CHECK(lab.has(kLarge));
                CHECK(lab.arrived == kLarge.size());
            } else {
                CHECK_THROWS_AS(lab.put(kLarge), base::Error);
                CHECK_FALSE(lab.has(kLarge));
            }
            CHECK(lab.registry.sessions.empty());
            CHECK(lab.lab.fake.requests().size() <= 12);
        }
    }
}

TEST_CASE("F-15 a connection that always breaks ends as a network error") {
    UploadLab lab;
    lab.registry.before = [](const HttpRequest& request) -> std::optional<http::HttpResponse> {
        if (request.method == Method::put || request.method == Method::patch) {
            throw broken();
        }
        return std::nullopt;
    };
    CHECK_THROWS_AS(lab.put(kLarge), base::TransportError);
    CHECK(lab.lab.fake.requests().size() <= 24);
    CHECK(lab.registry.sessions.empty());
}

TEST_CASE("UPL-28 T-01 a source with wrong bytes never becomes a whole body") {
    for (const std::string& wrong :
         {std::string("some bytez"), std::string("some byte"), std::string("some bytes!")}) {
        CAPTURE(wrong);
        UploadLab lab;
        const model::Digest digest = model::Digest::sha256_of(kSmall);
        CHECK_THROWS_AS(lab.lab.client.put_blob(lab.repository, digest, kSmall.size(),
                                                lab.reader(wrong, digest), {}),
                        base::IntegrityError);
        CHECK(lab.count(Method::put) == 0);
        CHECK(lab.registry.sessions.empty());
    }
}

TEST_CASE("F-34 a source that changes between two readings is not closed") {
    UploadLab lab;
    chunk_only(lab);
    const model::Digest digest = model::Digest::sha256_of(kLarge);
    int patches = 0;
    lab.registry.before = [&](const HttpRequest& request) -> std::optional<http::HttpResponse> {
        if (request.method == Method::patch && request.body.size() <= (1U << 20) &&
            ++patches == 2) {
            lab.registry.sessions["s1"] += request.body.substr(0, 10);
            throw broken();
        }
        return std::nullopt;
    };
    const registry::BlobReader changing = [&](std::uint64_t first) {
        std::string bytes = kLarge;
        if (first > 0) {
            bytes.back() = 'y';
        }
        return std::make_unique<stream::StringSource>(bytes.substr(first));
    };
    CHECK_THROWS_AS(lab.lab.client.put_blob(lab.repository, digest, kLarge.size(), changing, {}),
                    base::IntegrityError);
    CHECK(lab.registry.blobs.empty());
    CHECK(lab.registry.sessions.empty());
    CHECK(lab.count(Method::put) == 1);  // the whole, which was too large
}

TEST_CASE("UPL-17 a DIGEST_INVALID is not repeated") {
    UploadLab lab;
    lab.registry.before = on_nth(Method::put, 1, [](const HttpRequest&) {
        return std::optional(respond(400, {}, R"({"errors":[{"code":"DIGEST_INVALID"}]})"));
    });
    CHECK_THROWS_AS(lab.put(kSmall), base::IntegrityError);
    CHECK(lab.count(Method::put) == 1);
}

TEST_CASE("UPL-06 UPL-27 ERR-05 other answers than 201 are confirmed, and lies are errors") {
    SECTION("204 and stored") {
        UploadLab lab;
        lab.registry.before = [&](const HttpRequest& request) -> std::optional<http::HttpResponse> {
            if (request.method == Method::put) {
                lab.registry.blobs[model::Digest::sha256_of(kSmall).str()] = kSmall;
                return respond(204);
            }
            return std::nullopt;
        };
        lab.put(kSmall);
        CHECK(lab.methods() == "POST PUT HEAD");
    }
    SECTION("204 and not stored") {
        UploadLab lab;
        lab.registry.before =
            on_nth(Method::put, 1, [](const HttpRequest&) { return std::optional(respond(204)); });
        CHECK_THROWS_AS(lab.put(kSmall), base::RegistryError);
    }
    SECTION("another digest") {
        UploadLab lab;
        lab.registry.before = on_nth(Method::put, 1, [](const HttpRequest&) {
            return std::optional(
                respond(201, {{"Docker-Content-Digest", model::Digest::sha256_of("else").str()}}));
        });
        CHECK_THROWS_AS(lab.put(kSmall), base::IntegrityError);
    }
    SECTION("an error in a 201") {
        UploadLab lab;
        lab.registry.before = on_nth(Method::put, 1, [](const HttpRequest&) {
            return std::optional(respond(201, {}, R"({"errors":[{"code":"UNKNOWN"}]})"));
        });
        CHECK_THROWS_AS(lab.put(kSmall), base::RegistryError);
    }
}

TEST_CASE(
    "UPL-23 a blob of another algorithm says so, and a registry that minds is asked plainly") {
    UploadLab lab;
    lab.registry.before = [](const HttpRequest& request) -> std::optional<http::HttpResponse> {
        if (request.url.find("digest-algorithm=sha512") != std::string::npos) {
            return respond(400);
        }
        return request.method == Method::put ? std::optional(respond(201)) : std::nullopt;
    };
    const model::Digest digest = model::Digest::of(base::HashAlgorithm::sha512, kSmall);
    lab.lab.client.put_blob(lab.repository, digest, kSmall.size(), lab.reader(kSmall, digest), {});
    CHECK(lab.methods() == "POST POST PUT");
}

TEST_CASE("UPL-10 a Range of 0-0 that may be one byte or none starts the upload anew") {
    UploadLab lab;
    chunk_only(lab);
    const std::string taken = GENERATE("", "x");
    lab.registry.before =
        [&, patches = 0](const HttpRequest& request) mutable -> std::optional<http::HttpResponse> {
        const bool fits = request.body.size() <= lab.registry.largest_body;
        if (request.method == Method::patch && fits && ++patches == 1) {
            lab.registry.sessions["s1"] = taken;
            throw broken();
        }
        return std::nullopt;
    };
    lab.put(kLarge);
    CHECK(lab.has(kLarge));
    CHECK(lab.count(Method::post) == 2);
    CHECK(lab.registry.sessions.empty());
}

TEST_CASE("UPL-10 a blob of one byte that was sent is 0-0") {
    UploadLab lab;
    lab.registry.before =
        on_nth(Method::put, 1, [](const HttpRequest&) { return std::optional(respond(405)); });
    lab.put("x");
    CHECK(lab.has("x"));
    CHECK(lab.methods() == "POST PUT PATCH PUT");
}

TEST_CASE("UPL-18 a stopped upload cancels its session") {
    UploadLab lab;
    std::stop_source stop;
    const model::Digest digest = model::Digest::sha256_of(kSmall);
    const registry::BlobReader read = [&](std::uint64_t) -> std::unique_ptr<stream::Source> {
        stop.request_stop();
        return std::make_unique<stream::StringSource>(kSmall);
    };
    CHECK_THROWS_AS(
        lab.lab.client.put_blob(lab.repository, digest, kSmall.size(), read, stop.get_token()),
        base::Cancelled);
    CHECK(lab.registry.sessions.empty());
    CHECK(lab.lab.fake.requests().back().method == Method::del);
}
