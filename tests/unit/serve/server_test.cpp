#include "regtool/serve/server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>
#include <vector>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/digest.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace regtool;
using serve::Server;
using serve::ServerOptions;

namespace {

ServerOptions options() {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    return options;
}

/// Sends the bytes and reads until the server hangs up.
std::string talk(const Server& server, const std::string& bytes) {
    const base::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return "no connection";
    }
    base::write_all(socket.get(), base::as_bytes(bytes), "socket");
    std::string answer;
    std::array<char, 4096> block{};
    for (;;) {
        const ssize_t got = ::read(socket.get(), block.data(), block.size());
        if (got <= 0) {
            return answer;
        }
        answer.append(block.data(), static_cast<std::size_t>(got));
    }
}

std::string request(const std::string& first_line, const std::string& body = "") {
    return first_line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("a server answers at a port of its own until it is stopped") {
    base::NullLog log;
    Server server(options(), log);
    CHECK(server.address() == "127.0.0.1:" + std::to_string(server.port()));
    CHECK(talk(server, request("GET /v2/")).starts_with("HTTP/1.1 200"));
    server.stop();
    server.stop();
    CHECK(talk(server, request("GET /v2/")) == "no connection");
}

TEST_CASE("many clients push and pull at once") {
    base::NullLog log;
    Server server(options(), log);
    std::vector<std::jthread> clients;
    std::atomic<int> right{0};
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&, i] {
            for (int j = 0; j < 10; ++j) {
                const std::string body = "blob " + std::to_string(i * 100 + j % 3);
                const std::string digest = model::Digest::sha256_of(body).str();
                const bool pushed =
                    talk(server, request("POST /v2/r/blobs/uploads/?digest=" + digest, body))
                        .starts_with("HTTP/1.1 201");
                const std::string got = talk(server, request("GET /v2/r/blobs/" + digest));
                right += pushed && got.ends_with("\r\n\r\n" + body) ? 1 : 0;
            }
        });
    }
    clients.clear();
    CHECK(right == 80);
}

TEST_CASE("a request that never ends does not hold up the end") {
    base::NullLog log;
    const test::TempDir dir;
    ServerOptions wanted = options();
    wanted.root = (dir.path() / "layout").string();
    Server server(wanted, log);
    std::jthread client([&] {
        (void)talk(server,
                   "POST /v2/r/blobs/uploads/?digest=" + model::Digest::sha256_of("x").str() +
                       " HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
    });
    const auto uploading = [&] {
        for (const auto& entry : std::filesystem::directory_iterator(wanted.root)) {
            if (entry.path().filename().string().starts_with(".regtool-upload-") &&
                entry.file_size() > 0) {
                return true;
            }
        }
        return false;
    };
    while (!uploading()) {
        std::this_thread::yield();
    }
    server.stop();
    CHECK_FALSE(uploading());
}

TEST_CASE("options that contradict each other or name nothing are refused") {
    base::NullLog log;
    ServerOptions half = options();
    half.tls_cert = "cert.pem";
    CHECK_THROWS_AS(Server(half, log), base::UsageError);
    ServerOptions name = options();
    name.repository = "Not/A/Name";
    CHECK_THROWS_AS(Server(name, log), base::UsageError);
    ServerOptions users = options();
    users.htpasswd = "/nonexistent";
    CHECK_THROWS_AS(Server(users, log), base::IoError);
}
