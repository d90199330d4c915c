#include "cli/registries_conf.hpp"
#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"

using namespace regtool;
using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-17: a rewrite gives a repository that can be written down and read again, or an error.
    cli::RegistriesConf conf;
    try {
        conf.add_text(std::string(text_of(data, size)), "registries.conf");
    } catch (const base::UsageError&) {
        return 0;
    }
    for (const char* name :
         {"a.test/x", "a.test/x/y", "b.a.test/x", "alpine", "localhost:5000/r"}) {
        try {
            const auto repository = model::Repository::parse(name);
            const registry::Locations places = conf.locate(repository);
            require(model::Repository::parse(places.primary.str()) == places.primary);
            for (const registry::Mirror& mirror : places.mirrors) {
                require(model::Repository::parse(mirror.repository.str()) == mirror.repository);
            }
            (void)conf.is_insecure(repository.registry().str() + ":443");
        } catch (const base::Error&) {  // blocked, or a location that makes no name
            continue;
        }
    }
    return 0;
}
