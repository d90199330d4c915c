#include "regtool/layer/toc_place.hpp"

#include "support/catch.hpp"
#include "support/toc_layers.hpp"

using namespace regtool;
using layer::TocPlace;

namespace {

std::string zstd_footer(std::uint64_t first,
                        std::uint64_t count,
                        std::uint64_t plain,
                        std::uint64_t type,
                        bool containers) {
    std::string footer = test::little_endian_64(first) + test::little_endian_64(count) +
                         test::little_endian_64(plain) + test::little_endian_64(type);
    footer += containers ? std::string(24, '\0') + "GNUlInUx" : "GnUlInUx";
    return test::skippable_frame(footer);
}

}  // namespace

TEST_CASE("each footer of an indexed layer is told by its bytes") {
    const std::string data(1000, 'd');
    const auto of = [&](const std::string& footer) {
        const std::string layer = data + footer;
        // Whether all of the layer or the end of a larger one is at hand.
        const auto place = layer::find_toc(layer, layer.size());
        const std::string tail = layer.substr(layer.size() - layer::kMaxFooterBytes);
        CHECK(layer::find_toc(tail, layer.size()) == place);
        return place;
    };
    CHECK(of(test::stargz_footer(test::stargz_offset(900))) ==
          TocPlace{TocPlace::Form::estargz, 900, 100, 900});
    CHECK(of(test::stargz_footer(test::stargz_offset(900), true)) ==
          TocPlace{TocPlace::Form::estargz, 900, 100, 900});
    CHECK(of(test::stargz_footer("STARGZEXTERNALTOC")) ==
          TocPlace{TocPlace::Form::external, 0, 0, 1000});
    CHECK(of(zstd_footer(900, 100, 500, 1, true)) ==
          TocPlace{TocPlace::Form::zstd_skippable, 900, 100, 892});
    CHECK(of(zstd_footer(900, 100, 500, 1, false)) ==
          TocPlace{TocPlace::Form::zstd_skippable, 900, 100, 892});
    CHECK_FALSE(of(std::string(100, '\0')));
    CHECK_FALSE(layer::find_toc("", 0));
}

TEST_CASE("T-25 a footer that leads out of the layer or to too much is none") {
    const std::string data(1000, 'd');
    const std::uint64_t most = layer::kMaxTocBytes;
    const auto found = [&](const std::string& footer, std::uint64_t before = 0) {
        const std::string layer = data + footer;
        return layer::find_toc(layer, before + layer.size()).has_value();
    };
    CHECK_FALSE(found(test::stargz_footer(test::stargz_offset(1000))));
    CHECK(found(test::stargz_footer(test::stargz_offset(999))));
    CHECK_FALSE(found(test::stargz_footer(test::stargz_offset(~std::uint64_t{0}))));
    CHECK_FALSE(found(test::stargz_footer(test::stargz_offset(0)), most));
    CHECK_FALSE(found(test::stargz_footer("-00000000000000fSTARGZ")));
    CHECK_FALSE(found(test::stargz_footer("000000000000000gSTARGZ")));
    for (const bool containers : {true, false}) {
        CHECK(found(zstd_footer(8, 992, 1, 1, containers)));
        CHECK_FALSE(found(zstd_footer(8, 993, 1, 1, containers)));
        CHECK_FALSE(found(zstd_footer(7, 100, 1, 1, containers)));
        CHECK_FALSE(found(zstd_footer(8, 0, 1, 1, containers)));
        CHECK_FALSE(found(zstd_footer(8, 100, 1, 2, containers)));
        CHECK_FALSE(found(zstd_footer(8, 100, most + 1, 1, containers)));
        CHECK_FALSE(found(zstd_footer(8, most + 1, 1, 1, containers), most));
        CHECK_FALSE(found(zstd_footer(~std::uint64_t{0}, 2, 1, 1, containers)));
        CHECK_FALSE(found(zstd_footer(8, ~std::uint64_t{0}, 1, 1, containers)));
    }
}

TEST_CASE("the place of a table that a manifest tells is read strictly") {
    CHECK(layer::parse_toc_position("900:100:500:1", 1000) ==
          TocPlace{TocPlace::Form::zstd_skippable, 900, 100, 892});
    for (const std::string text :
         {"", "900:100:500", "900:100:500:1:2", "900:101:500:1", "x:1:1:1", "900:100:500:2",
          "-900:100:500:1", " 900:100:500:1", "99999999999999999999:100:500:1"}) {
        CHECK_FALSE(layer::parse_toc_position(text, 1000));
    }
}
