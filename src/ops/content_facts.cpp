#include "regtool/ops/content_facts.hpp"

#include <limits>

#include "regtool/base/fields.hpp"
#include "regtool/ops/packages.hpp"
#include "regtool/stream/zstd_block.hpp"

namespace regtool::ops {

namespace {

using base::FieldReader;
using base::FieldWriter;

constexpr std::string_view kMagic{"rtfacts\1", 8};
constexpr const char* kDocument = "what is kept of a layer's contents";
constexpr std::size_t kHashDigits = 64;
constexpr std::uint64_t kManagers = 3;

void write_packages(FieldWriter& out, const std::optional<PackageFacts>& facts) {
    if (!facts) {
        out.number(0);
        return;
    }
    out.number(1 + static_cast<std::uint64_t>(facts->manager));
    out.number(facts->packages.size());
    for (const Package& package : facts->packages) {
        out.text(package.name);
        out.text(package.version);
        out.text(package.architecture);
    }
}

std::optional<PackageFacts> read_packages_of(FieldReader& in) {
    const std::uint64_t manager = in.number(kManagers);
    if (manager == 0) {
        return std::nullopt;
    }
    PackageFacts facts{static_cast<PackageManager>(manager - 1), {}};
    for (std::uint64_t left = in.number(kMaxPackages); left > 0; --left) {
        Package package;
        package.name = in.text();
        package.version = in.text();
        package.architecture = in.text();
        facts.packages.push_back(std::move(package));
    }
    return facts;
}

}  // namespace

std::string write_content_facts(const model::Digest& layer, const LayerFacts& facts) {
    FieldWriter out;
    out.text(layer.str());
    out.number(facts.size());
    std::uint32_t previous = 0;
    for (const auto& [entry, content] : facts) {
        out.number(entry - previous);
        previous = entry;
        out.text(content.hash);
        write_packages(out, content.packages);
    }
    return std::string(kMagic) + stream::zstd_pack(out.bytes());
}

LayerFacts read_content_facts(const model::Digest& layer, std::string_view bytes) {
    if (!bytes.starts_with(kMagic)) {
        FieldReader(std::string_view(), kDocument).fail("it does not begin as that");
    }
    const std::string fields = stream::zstd_unpack(bytes.substr(kMagic.size()), kMaxFactsBytes);
    FieldReader in(fields, kDocument);
    if (in.text() != layer.str()) {
        in.fail("it is of another layer");
    }
    LayerFacts facts;
    std::uint64_t entry = 0;
    for (std::uint64_t left = in.number(); left > 0; --left) {
        entry += in.number(std::numeric_limits<std::uint32_t>::max() - entry);
        ContentFacts content;
        content.hash = in.text();
        if (content.hash.size() != kHashDigits) {
            in.fail("a hash is none");
        }
        content.packages = read_packages_of(in);
        facts.insert_or_assign(static_cast<std::uint32_t>(entry), std::move(content));
    }
    if (!in.ended()) {
        in.fail("something follows it");
    }
    return facts;
}

}  // namespace regtool::ops
