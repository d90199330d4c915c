#include <vector>

#include "regtool/base/error.hpp"
#include "regtool/layer/layer_reader.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::layer;

TEST_CASE("LAY-03 names that mean the same place come out the same") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"a", "a"},
        {"./a", "a"},
        {"/a", "a"},
        {"a/", "a"},
        {"//a//b///", "a/b"},
        {"./", "."},
        {".", "."},
        {"/", "."},
        {"", "."},
        {"././a/./b/.", "a/b"},
        {"a/..", "."},
        {"a/../b", "b"},
        {"a/b/../../c", "c"},
        {"...", "..."},
        {"..a/b..", "..a/b.."},
        {".hidden", ".hidden"},
        {"caf\xe9/\xff", "caf\xe9/\xff"},
    };
    for (const auto& [stored, clean] : cases) {
        CAPTURE(stored);
        CHECK(clean_path(stored) == clean);
    }
}

TEST_CASE("LAY-04 a name that leaves the root is refused") {
    for (const char* stored : {"..", "../a", "/..", "a/../..", "./../a", "a/b/../../../c", "../"}) {
        CAPTURE(stored);
        CHECK_THROWS_AS(clean_path(stored), base::IntegrityError);
    }
}

TEST_CASE("LAY-06 LAY-07 LAY-09 whiteouts are told by their names") {
    struct Case {
        std::string path;
        WhiteoutKind kind;
        std::string target;
    };

    const std::vector<Case> cases = {
        {"etc/.wh.passwd", WhiteoutKind::file, "etc/passwd"},
        {"./.wh.etc", WhiteoutKind::file, "etc"},
        {"/a/.wh.b/", WhiteoutKind::file, "a/b"},
        {".wh..hidden", WhiteoutKind::file, ".hidden"},
        {".wh....", WhiteoutKind::file, "..."},
        {"a/.wh..wh..opq", WhiteoutKind::opaque, "a"},
        {".wh..wh..opq", WhiteoutKind::opaque, "."},
        {"./a/b/.wh..wh..opq", WhiteoutKind::opaque, "a/b"},
        {".wh..wh.plnk", WhiteoutKind::ignored, ".wh..wh.plnk"},
        {".wh..wh.plnk/12.34", WhiteoutKind::ignored, ".wh..wh.plnk/12.34"},
        {"./.wh..wh.aufs", WhiteoutKind::ignored, ".wh..wh.aufs"},
        {".wh..wh.", WhiteoutKind::ignored, ".wh..wh."},
        {"a/.wh..wh..opqx", WhiteoutKind::ignored, "a/.wh..wh..opqx"},
        {".wh.dir/child", WhiteoutKind::ignored, ".wh.dir/child"},
        {"a/.wh.dir/b/c", WhiteoutKind::ignored, "a/.wh.dir/b/c"},
        {"a/.wh.dir/../b", WhiteoutKind::none, "a/b"},
        {"a.wh.b", WhiteoutKind::none, "a.wh.b"},
        {".wh", WhiteoutKind::none, ".wh"},
        {".WH.a", WhiteoutKind::none, ".WH.a"},
        {"usr/bin/env", WhiteoutKind::none, "usr/bin/env"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.path);
        CHECK(whiteout_kind(c.path) == c.kind);
        CHECK(whiteout_target(c.path) == c.target);
    }
}

TEST_CASE("LAY-08 whiteouts of nothing, of their folder and of its parent are refused") {
    CHECK_THROWS_AS(whiteout_target("a/.wh."), base::InvalidDocument);
    CHECK_THROWS_AS(whiteout_target(".wh.."), base::IntegrityError);
    CHECK_THROWS_AS(whiteout_target("a/.wh..."), base::IntegrityError);
    CHECK_THROWS_AS(whiteout_kind("../.wh.a"), base::IntegrityError);
}
