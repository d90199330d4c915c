#include <nlohmann/json.hpp>
#include <string>

#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"
#include "regtool/model/reference.hpp"
#include "serve/image_name.hpp"
#include "serve/storage.hpp"

using namespace regtool::fuzz;
namespace serve = regtool::serve;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // Any index.json: names keep to the grammar, and edits do what they say.
    try {
        auto index = serve::parse_layout_index(std::string(text_of(data, size)));
        for (const auto& entry : index["manifests"]) {
            if (const auto name = serve::name_of_entry(entry, "main")) {
                require(regtool::model::is_valid_repository_path(name->repository));
                require(!name->tag || regtool::model::is_valid_tag(*name->tag));
            }
        }
        const auto digest = regtool::model::Digest::sha256_of("x");
        serve::put_entry(index, "main", {"main", "v1"}, {digest, "a/b", 1});
        require(serve::remove_tag(index, "main", {"main", "v1"}));
        require(!serve::remove_tag(index, "main", {"main", "v1"}));
        require(serve::remove_manifest(index, "main", "main", digest));
    } catch (const regtool::base::InvalidDocument&) {
        return 0;
    }
    return 0;
}
