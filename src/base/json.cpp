#include "regtool/base/json.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::base {

namespace {

using Json = nlohmann::ordered_json;

/// Builds the document event by event, so that the bounds hold before anything is allocated for
/// what breaks them and nothing recurses on a peer's nesting.
class Builder final : public nlohmann::json_sax<Json> {
  public:
    explicit Builder(std::string_view what) : what_(what) {}

    [[nodiscard]] Json take() { return std::move(root_); }

    bool null() override { return value(nullptr); }

    bool boolean(bool v) override { return value(v); }

    bool number_integer(number_integer_t v) override { return value(v); }

    bool number_unsigned(number_unsigned_t v) override { return value(v); }

    bool number_float(number_float_t v, const string_t&) override { return value(v); }

    bool string(string_t& v) override { return value(std::move(v)); }

    bool binary(binary_t&) override { return false; }

    bool start_object(std::size_t) override { return open(Json::object()); }

    bool key(string_t& name) override {
        Level& level = levels_.back();
        if (!level.names.insert(name).second) {
            fail("member \"" + printable(name, 100) + "\" stands twice in one object");
        }
        level.key = std::move(name);
        return true;
    }

    bool end_object() override { return close(); }

    bool start_array(std::size_t) override { return open(Json::array()); }

    bool end_array() override { return close(); }

    bool parse_error(std::size_t position,
                     const std::string&,
                     const nlohmann::detail::exception& error) override {
        // "[json.exception.parse_error.101] parse error at line 1, column 5: syntax error …": the
        // tail says it.
        const std::string_view text = error.what();
        const std::size_t tail = text.rfind(": ");
        fail("no valid JSON at byte " + std::to_string(position) + ": " +
             printable(tail == std::string_view::npos ? text : text.substr(tail + 2), 200));
    }

  private:
    struct Level {
        Json* container;
        std::set<std::string> names;
        std::string key;
    };

    [[noreturn]] void fail(const std::string& why) const {
        throw InvalidDocument(std::string(what_) + ": " + why);
    }

    Json* put(Json&& item) {
        if (++elements_ > kMaxJsonElements) {
            fail("more than " + std::to_string(kMaxJsonElements) + " values");
        }
        if (levels_.empty()) {
            root_ = std::move(item);
            return &root_;
        }
        Level& level = levels_.back();
        if (level.container->is_array()) {
            level.container->push_back(std::move(item));
            return &level.container->back();
        }
        // push_back of a fresh pair: operator[] would search all earlier members again.
        auto& object = level.container->get_ref<Json::object_t&>();
        return &object.emplace_back(std::move(level.key), std::move(item)).second;
    }

    bool value(Json&& item) {
        (void)put(std::move(item));
        return true;
    }

    bool open(Json&& container) {
        if (levels_.size() >= kMaxJsonDepth) {
            fail("nested deeper than " + std::to_string(kMaxJsonDepth) + " levels");
        }
        levels_.push_back({put(std::move(container)), {}, {}});
        return true;
    }

    bool close() {
        levels_.pop_back();
        return true;
    }

    std::string_view what_;
    Json root_;
    std::vector<Level> levels_;
    std::size_t elements_ = 0;
};

}  // namespace

nlohmann::ordered_json parse_json(std::string_view text, std::string_view what) {
    if (text.starts_with("\xef\xbb\xbf")) {
        throw InvalidDocument(std::string(what) + ": begins with a byte-order mark");
    }
    Builder builder(what);
    Json::sax_parse(text, &builder);
    return builder.take();
}

}  // namespace regtool::base
