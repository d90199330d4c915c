#include "regtool/base/hash.hpp"

#include "regtool/base/text.hpp"
#include "support/catch.hpp"

using namespace regtool::base;

TEST_CASE("DIG-03 SHA-256 and SHA-512 of the standard's examples") {
    // FIPS 180-4 examples.
    CHECK(hash_hex(HashAlgorithm::sha256, "abc") ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hash_hex(HashAlgorithm::sha256, "") ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hash_hex(HashAlgorithm::sha512, "abc") ==
          "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
          "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST_CASE("DIG-14 pieces hash like the whole") {
    const std::string text(100'003, 'x');
    Hasher hasher(HashAlgorithm::sha256);
    for (std::size_t at = 0; at < text.size(); at += 777) {
        hasher.update(as_bytes(std::string_view(text).substr(at, 777)));
    }
    CHECK(hasher.finish_hex() == hash_hex(HashAlgorithm::sha256, text));
}
