#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/tar_builder.hpp"

namespace regtool::test {

/// One entry of a layer: `pax` may give it a long name ("path", "linkpath") and attributes
/// ("SCHILY.xattr.user.x").
struct TocEntry {
    TarHeader header;
    PaxRecords pax{};
};

enum class TocForm {
    estargz,           ///< footer of 51 bytes
    estargz_legacy,    ///< of 47 bytes
    estargz_external,  ///< of 46 bytes, the table elsewhere
    zstd_containers,   ///< zstd:chunked of containers/storage
    zstd_snapshotter,  ///< zstd:chunked of stargz-snapshotter
};

struct TocLayerOptions {
    TocForm form = TocForm::estargz;
    std::size_t chunk_bytes = 100'000;  ///< larger files come in pieces
    /// eStargz: a member is begun only where the last one holds as much; several small files then
    /// share one.
    std::size_t member_bytes = 0;
};

struct TocLayer {
    std::string stored;
    std::string tar;         ///< what it unpacks to
    std::string json;        ///< its table
    std::string external{};  ///< the layer with the table, for estargz_external
    std::map<std::string, std::string> annotations{};
    std::string data;      ///< `stored` before the table
    std::string data_tar;  ///< what that unpacks to
};

/// Layers with tables of contents as the tools that made the formats write them, in another hand
/// than the one that reads them. Pieces of zeros become holes where the form has them.
[[nodiscard]] TocLayer toc_layer(const std::vector<TocEntry>& entries,
                                 const TocLayerOptions& options = {});
/// The same entries around another table: what a liar would make. The digests are right.
[[nodiscard]] TocLayer with_table(const TocLayer& layer, TocForm form, const std::string& json);

/// A zstd skippable frame around bytes.
[[nodiscard]] std::string skippable_frame(const std::string& bytes);
/// The gzip member that eStargz ends with: around "SG" and this text, or the bare text.
[[nodiscard]] std::string stargz_footer(const std::string& text, bool bare = false);
/// "00000000000012ab" + "STARGZ".
[[nodiscard]] std::string stargz_offset(std::uint64_t offset);
[[nodiscard]] std::string little_endian_64(std::uint64_t number);

}  // namespace regtool::test
