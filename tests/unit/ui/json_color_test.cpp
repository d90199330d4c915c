#include "ui/json_color.hpp"

#include "support/catch.hpp"

using regtool::ui::color_json;

namespace {

std::string without_color(std::string text) {
    for (std::size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
        text.erase(at, text.find('m', at) - at + 1);
    }
    return text;
}

}  // namespace

TEST_CASE("colours add nothing but colours") {
    for (const char* json :
         {"", "{}", R"({"a" : "b\"c", "d":[1,true,null,-1.5e3]})", "\"x\"", "\"open", "\"back\\"}) {
        CAPTURE(json);
        CHECK(without_color(color_json(json)) == json);
    }
    CHECK(color_json(R"({"n":"s"})").find("\x1b[34;1m\"n\"") != std::string::npos);
    CHECK(color_json(R"({"n":"s"})").find("\x1b[32m\"s\"") != std::string::npos);
}
