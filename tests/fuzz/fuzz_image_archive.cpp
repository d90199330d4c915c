#include <string>

#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"
#include "regtool/model/manifest.hpp"
#include "store/archive_files.hpp"
#include "store/local_store.hpp"

using namespace regtool;

namespace {

/// Every image that is listed, with all that it consists of, as far as it is there.
void read_everything(const store::ImageFiles& files) {
    for (const store::ListedImage& image : files.images()) {
        try {
            const auto root =
                store::read_manifest(files, image.descriptor.digest, &image.descriptor, "archive");
            fuzz::require(root.digest() == image.descriptor.digest);
            if (root.image() == nullptr) {
                continue;
            }
            for (const model::Descriptor& layer : root.image()->layers) {
                if (const auto content = files.find(layer.digest)) {
                    (void)store::read_content(*content, std::size_t{1} << 20);
                }
            }
        } catch (const base::Error&) {
            continue;
        }
    }
}

}  // namespace

/// FZ-22, FZ-23: images or an error out of any bytes, as a layout and as what Docker saved. All of
/// it is in memory: an open outside would have nothing to open it with.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(fuzz::text_of(data, size));
    for (const auto open : {&store::open_layout_in, &store::open_docker_archive_in}) {
        try {
            read_everything(
                *open(store::TarIndex::read(store::content_in_memory(bytes, "archive"), {}), {}));
        } catch (const base::Error&) {
            continue;
        }
    }
    return 0;
}
