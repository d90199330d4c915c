#include "serve/random_id.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "regtool/base/error.hpp"

namespace regtool::serve {

std::string random_id() {
    std::array<std::uint64_t, 2> bits{};
    if (::getrandom(bits.data(), sizeof bits, 0) != sizeof bits) {
        throw base::IoError("getrandom", "cannot make a name", errno);
    }
    return fmt::format("{:016x}{:016x}", bits[0], bits[1]);
}

}  // namespace regtool::serve
