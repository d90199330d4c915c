#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace regtool::test {

/// A place in a gzip stream as SOCI writes it down: the `bits` highest bits of the byte before
/// `packed` belong to it.
struct ZtocPoint {
    std::uint64_t packed = 0;
    std::uint64_t plain = 0;
    unsigned bits = 0;
    std::string window{};
};

struct ZtocFile {
    std::string name{};
    std::string type = "reg";
    std::int64_t offset = 0;  ///< of the content in the tar
    std::int64_t size = 0;
    std::string link{};
    std::int64_t mode = 0644;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::string user{};
    std::string group{};
    std::string time = "1970-01-01T00:00:00Z";
    std::int64_t major = 0;
    std::int64_t minor = 0;
    std::vector<std::pair<std::string, std::string>> pax{};
};

/// What a zTOC says, so that a test can change it to what is wrong.
struct Ztoc {
    std::string version = "0.9";
    std::int64_t packed_bytes = 0;
    std::int64_t plain_bytes = 0;
    std::vector<ZtocFile> files{};
    int algorithm = 1;  ///< 1 gzip, which is not written down, 2 uncompressed
    std::int32_t last_span = 0;
    std::vector<std::string> digests{};
    std::string checkpoints{};
};

/// The points of a gzip stream, found by zlib as SOCI does: one where the first block begins, then
/// one at the first end of a block after more than so many bytes.
[[nodiscard]] std::vector<ZtocPoint> ztoc_points(const std::string& stored,
                                                 std::uint64_t span_bytes);
/// `first_form`: without the first point, as the first versions of SOCI have it.
[[nodiscard]] std::string ztoc_checkpoints(const std::vector<ZtocPoint>& points,
                                           std::uint64_t span_bytes,
                                           bool first_form = false);
/// The zTOC of a gzip layer; `tar` is what it unpacks to.
[[nodiscard]] Ztoc ztoc_of_gzip(const std::string& stored,
                                const std::string& tar,
                                std::uint64_t span_bytes,
                                bool first_form = false);
/// The zTOC of an uncompressed layer.
[[nodiscard]] Ztoc ztoc_of_tar(const std::string& tar, std::uint64_t span_bytes);
/// As a FlatBuffer, in another hand than the one that reads it.
[[nodiscard]] std::string write_ztoc(const Ztoc& ztoc);

}  // namespace regtool::test
