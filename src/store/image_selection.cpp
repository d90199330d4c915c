#include "store/image_selection.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/reference.hpp"

namespace regtool::store {

namespace {

constexpr std::size_t kMostNamesShown = 20;

bool is_full(std::string_view name) {
    return name.find_first_of("/:") != std::string_view::npos;
}

bool is_same_reference(std::string_view a, std::string_view b) {
    if (!is_full(a) && !is_full(b)) {
        return false;
    }
    const auto left = model::Reference::try_parse(a);
    const auto right = model::Reference::try_parse(b);
    return left && right && left->str() == right->str();
}

bool is_tag_of(std::string_view tag, std::string_view name) {
    if (is_full(tag) || !is_full(name)) {
        return false;
    }
    const auto reference = model::Reference::try_parse(name);
    return reference && reference->tag() == std::string(tag);
}

std::string name_list(const std::vector<const ListedImage*>& images) {
    std::string list;
    std::size_t shown = 0;
    for (const ListedImage* image : images) {
        if (++shown > kMostNamesShown) {
            return list + ", …";
        }
        const std::string& name = image->full_name.empty() && !image->names.empty()
                                      ? image->names.front()
                                      : image->full_name;
        list += (list.empty() ? "" : ", ") +
                (name.empty() ? "@" + image->descriptor.digest.str() : base::printable(name, 200));
    }
    return list;
}

std::vector<const ListedImage*> all_of(const std::vector<ListedImage>& images) {
    std::vector<const ListedImage*> all;
    for (const ListedImage& image : images) {
        all.push_back(&image);
    }
    return all;
}

const ListedImage& the_only(const std::vector<const ListedImage*>& found,
                            const Location& location) {
    const bool one = std::all_of(found.begin(), found.end(), [&found](const ListedImage* image) {
        return image->descriptor.digest == found.front()->descriptor.digest;
    });
    if (one) {
        return *found.front();
    }
    base::UsageError error(location.str() + ": " + std::to_string(found.size()) +
                           " images are meant; say which one");
    error.add_context("there are " + name_list(found));
    error.set_hint(location.place() +
                   (found.front()->names.empty()
                        ? "@" + found.front()->descriptor.digest.str()
                        : ":" + base::printable(found.front()->names.front(), 200)));
    throw error;
}

const ListedImage& at_position(const std::vector<ListedImage>& images, const Location& location) {
    if (*location.position >= images.size()) {
        throw base::NotFound(location.place() + " has no image number " +
                             std::to_string(*location.position) + ": it holds " +
                             std::to_string(images.size()));
    }
    return images[*location.position];
}

}  // namespace

std::vector<std::string> distinct_names(const std::vector<ListedImage>& images) {
    std::map<std::string, model::Digest> meanings;
    std::set<std::string> ambiguous;
    for (const ListedImage& image : images) {
        for (const std::string& name : image.names) {
            const auto [known, fresh] = meanings.emplace(name, image.descriptor.digest);
            if (!fresh && known->second != image.descriptor.digest) {
                ambiguous.insert(name);
            }
        }
    }
    std::vector<std::string> names;
    std::set<std::string> listed;
    for (const ListedImage& image : images) {
        for (const std::string& given : image.names) {
            const bool needs_full = ambiguous.contains(given) && !image.full_name.empty();
            const std::string& name = needs_full ? image.full_name : given;
            if (listed.insert(name).second) {
                names.push_back(name);
            }
        }
    }
    return names;
}

std::vector<const ListedImage*> images_of_name(const std::vector<ListedImage>& images,
                                               std::string_view name) {
    using Matches = bool (*)(std::string_view, std::string_view);
    constexpr std::array<Matches, 3> kWays{
        [](std::string_view wanted, std::string_view given) { return wanted == given; },
        is_same_reference, is_tag_of};
    for (const Matches matches : kWays) {
        std::vector<const ListedImage*> found;
        for (const ListedImage& image : images) {
            const bool fits =
                (!image.full_name.empty() && matches(name, image.full_name)) ||
                std::any_of(image.names.begin(), image.names.end(),
                            [&](const std::string& given) { return matches(name, given); });
            if (fits) {
                found.push_back(&image);
            }
        }
        if (!found.empty()) {
            return found;
        }
    }
    return {};
}

const ListedImage& select_image(const std::vector<ListedImage>& images,
                                const Location& location,
                                const std::function<bool(const model::Descriptor&)>& is_referrer) {
    if (images.empty()) {
        throw base::NotFound(location.place() + " holds no image");
    }
    if (location.position) {
        return at_position(images, location);
    }
    if (location.name) {
        const auto found = images_of_name(images, *location.name);
        if (found.empty()) {
            base::NotFound error(location.place() + " has no image '" +
                                 base::printable(*location.name, 200) + "'");
            error.add_context("there are " + name_list(all_of(images)));
            throw error;
        }
        return the_only(found, location);
    }
    auto candidates = all_of(images);
    if (candidates.size() > 1) {
        std::erase_if(candidates, [&](const ListedImage* image) {
            return image->names.empty() && is_referrer(image->descriptor);
        });
    }
    return the_only(candidates.empty() ? all_of(images) : candidates, location);
}

}  // namespace regtool::store
