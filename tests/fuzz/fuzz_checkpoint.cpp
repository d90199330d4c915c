#include <string>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"
#include "regtool/stream/checkpoint.hpp"
#include "regtool/stream/compress.hpp"

using namespace regtool;

namespace {

constexpr std::size_t kMaxPlain = std::size_t{1} << 20;

std::string unpack(stream::DecompressingSource& source) {
    stream::StringSink plain(kMaxPlain);
    stream::pump(source, plain);
    return std::move(plain.text());
}

}  // namespace

/// FZ-21: whatever stream can be read whole can be resumed at each of its checkpoints, to the same
/// end; and a checkpoint that was made up gives bytes or an error.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string packed(fuzz::text_of(data, size));
    std::vector<stream::Checkpoint> found;
    try {
        const stream::CheckpointRequest request{
            [&found](stream::Checkpoint c) { found.push_back(std::move(c)); }, 2000, 2000};
        stream::DecompressingSource source(std::make_unique<stream::StringSource>(packed), {},
                                           request);
        const std::string plain = unpack(source);
        for (const stream::Checkpoint& from : found) {
            stream::DecompressingSource rest(
                std::make_unique<stream::StringSource>(packed.substr(from.packed)), from);
            fuzz::require(unpack(rest) == plain.substr(from.plain));
        }
    } catch (const base::Error&) {
    }
    try {
        const std::size_t window = size / 2;
        stream::DecompressingSource made_up(
            std::make_unique<stream::StringSource>(packed.substr(window)),
            stream::Checkpoint{0, 0, static_cast<std::uint8_t>(size % 8), true,
                               packed.substr(0, window)});
        (void)unpack(made_up);
    } catch (const base::Error&) {
    }
    return 0;
}
