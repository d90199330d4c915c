#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include "regtool/base/error.hpp"
#include "regtool/ops/copier.hpp"

namespace regtool::ops {

/// One image on its way.
struct CopyRoot {
    CopyItem item;
    std::shared_ptr<store::ImageStore> source;              ///< what is read from
    std::optional<model::Descriptor> found;                 ///< what the source's name stands for
    std::vector<std::optional<model::Descriptor>> current;  ///< what each name stands for
    std::optional<model::Manifest> manifest;                ///< what goes over
    bool unchanged = false;
    bool attached = false;  ///< came with another one (digest tags): copied as it is
    std::exception_ptr error;

    explicit CopyRoot(CopyItem what)
        : item(std::move(what)), source(item.source), current(item.names.size()) {}

    [[nodiscard]] const model::Digest& digest() const {
        return manifest ? manifest->digest() : found->digest;
    }
};

/// Runs one image's part of a step. Its failure is its own where others shall go on.
template <class Work>
void attempt(CopyRoot& root, const CopyOptions& options, const Work& work) {
    if (root.error || root.unchanged) {
        return;
    }
    try {
        work();
    } catch (const base::Cancelled&) {
        throw;
    } catch (const base::Error&) {
        if (!options.keep_going) {
            throw;
        }
        root.error = std::current_exception();
    }
}

/// `name` is not, or no longer, what it must be.
[[nodiscard]] base::PreconditionError not_as_it_was(const std::string& name,
                                                    const std::string& why);

/// A name of the target as the user would write it.
[[nodiscard]] std::string name_in(const store::ImageTarget& target, const std::string& name);

/// Throws PreconditionError where the name stands for something else than what goes over.
void require_unclobbered(const CopyRoot& root,
                         const std::string& name,
                         const std::optional<model::Descriptor>& current,
                         const store::ImageTarget& target);

}  // namespace regtool::ops
