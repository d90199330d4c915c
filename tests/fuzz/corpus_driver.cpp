#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Runs each file of a corpus folder once, and each of its beginnings that a cut would leave.
int main(int argc, char** argv) {
    std::size_t files = 0;
    for (int i = 1; i < argc; ++i) {
        for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
            std::ifstream in(entry.path(), std::ios::binary);
            const std::string text((std::istreambuf_iterator<char>(in)),
                                   std::istreambuf_iterator<char>());
            const std::size_t step = text.size() / 64 + 1;
            for (std::size_t length = 0; length <= text.size(); length += step) {
                // A copy of its own length, so that a sanitizer sees a read beyond it.
                const std::string part = text.substr(0, length);
                (void)LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(part.data()),
                                             part.size());
            }
            (void)LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()),
                                         text.size());
            ++files;
        }
    }
    std::printf("%zu inputs\n", files);
    return files == 0 ? 1 : 0;
}
