#include "regtool/base/hash.hpp"

#include <openssl/evp.h>

#include <array>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::base {

namespace {

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

struct FreeMethod {
    void operator()(EVP_MD* method) const noexcept { EVP_MD_free(method); }
};

[[noreturn]] void throw_hash_failure() {
    throw Error(ErrorKind::internal, "the hash library failed");
}

}  // namespace

struct Hasher::State {
    std::unique_ptr<EVP_MD, FreeMethod> method;
    std::unique_ptr<EVP_MD_CTX, FreeContext> context;
};

Hasher::Hasher(HashAlgorithm algorithm) : state_(std::make_unique<State>()) {
    const char* const name = algorithm == HashAlgorithm::sha256 ? "SHA2-256" : "SHA2-512";
    state_->method.reset(EVP_MD_fetch(nullptr, name, nullptr));
    state_->context.reset(EVP_MD_CTX_new());
    if (!state_->method || !state_->context ||
        EVP_DigestInit_ex2(state_->context.get(), state_->method.get(), nullptr) != 1) {
        throw_hash_failure();
    }
}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(std::span<const std::byte> bytes) {
    if (EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) != 1) {
        throw_hash_failure();
    }
}

std::string Hasher::finish_hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size) != 1) {
        throw_hash_failure();
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hex;
    hex.reserve(std::size_t{2} * size);
    for (unsigned int i = 0; i < size; ++i) {
        hex += kDigits[digest[i] >> 4U];
        hex += kDigits[digest[i] & 15U];
    }
    return hex;
}

std::string hash_hex(HashAlgorithm algorithm, std::string_view bytes) {
    Hasher hasher(algorithm);
    hasher.update(as_bytes(bytes));
    return hasher.finish_hex();
}

}  // namespace regtool::base
