#include "cli/copy_names.hpp"

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/reference.hpp"

namespace regtool::cli {

namespace {

/// The tag of a whole reference; of anything else, all of it.
std::string tag_of(const std::string& name) {
    if (name.find_first_of("/:") == std::string::npos) {
        return name;
    }
    const auto reference = model::Reference::try_parse(name);
    return reference && reference->tag() ? *reference->tag() : name;
}

std::string whole_reference(const std::string& name,
                            const store::Location& from,
                            const store::Location& to) {
    if (from.transport == store::Transport::registry) {
        return model::Repository::parse(from.path).familiar() + ":" + name;
    }
    if (name.find_first_of("/:") != std::string::npos) {
        return name;
    }
    base::UsageError error("'" + base::printable(name, 200) + "' in " + from.place() +
                           " says no repository: docker load knows images as REPO:TAG");
    error.set_hint("regtool copy " + from.place() + ":" + base::printable(name, 200) + " " +
                   to.place() + ":REPO:" + base::printable(name, 200));
    throw error;
}

}  // namespace

std::vector<std::string> names_of_pulled(const std::string& image,
                                         const store::Location& place,
                                         bool alone) {
    const store::Location from = store::parse_location(image);
    if (from.transport != store::Transport::registry) {
        return from.name ? std::vector{*from.name} : std::vector<std::string>{};
    }
    const auto reference = model::Reference::parse(from.path);
    if (!reference.tag() || place.transport == store::Transport::folder) {
        return {};
    }
    if (place.transport == store::Transport::docker_archive || !alone) {
        return {reference.repository().familiar() + ":" + *reference.tag()};
    }
    return {*reference.tag()};
}

std::optional<std::string> name_of_copied(const std::string& name,
                                          const store::Location& from,
                                          const store::Location& to) {
    if (from.transport == store::Transport::docker_archive && name.starts_with('@')) {
        return std::nullopt;
    }
    switch (to.transport) {
        case store::Transport::registry:
            return tag_of(name);
        case store::Transport::docker_archive:
            return whole_reference(name, from, to);
        case store::Transport::layout:
        case store::Transport::layout_archive:
        case store::Transport::folder:
            break;
    }
    return name;
}

}  // namespace regtool::cli
