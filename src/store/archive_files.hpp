#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "store/image_files.hpp"
#include "store/tar_index.hpp"

namespace regtool::store {

/// What an OCI layout in a tar holds (OCL-13, OCL-14). Throws as open_archive and TarIndex::read;
/// InvalidDocument when it is no layout (OCL-01).
[[nodiscard]] std::unique_ptr<ImageFiles> open_layout_archive(const std::string& path,
                                                              const std::stop_token& stop);
/// The same of an archive that was looked at.
[[nodiscard]] std::unique_ptr<ImageFiles> open_layout_in(TarIndex archive,
                                                         const std::stop_token& stop);

/// What `docker save` wrote. An archive that is a layout, too, is read as one, so that its digests
/// are kept (DAR-07). For others a manifest is made, the same for the same archive: the one that
/// newer releases of Docker would have saved beside it, for the layers as they lie there. Throws as
/// above; IntegrityError where configuration and layers contradict each other (DAR-03).
[[nodiscard]] std::unique_ptr<ImageFiles> open_docker_archive(const std::string& path,
                                                              const std::stop_token& stop);
/// The same of an archive that was looked at.
[[nodiscard]] std::unique_ptr<ImageFiles> open_docker_archive_in(TarIndex archive,
                                                                 const std::stop_token& stop);

}  // namespace regtool::store
