#include "toc_json.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <istream>
#include <nlohmann/json.hpp>
#include <streambuf>

#include "regtool/base/error.hpp"
#include "regtool/base/json.hpp"
#include "regtool/base/text.hpp"

namespace regtool::layer {

namespace {

struct TextField {
    std::string_view key;
    std::string TocRecord::*member;
};

struct NumberField {
    std::string_view key;
    std::uint64_t TocRecord::*member;
};

constexpr std::array kTexts{
    TextField{"name", &TocRecord::name},
    TextField{"type", &TocRecord::type},
    TextField{"linkName", &TocRecord::link_name},
    TextField{"modtime", &TocRecord::modtime},
    TextField{"userName", &TocRecord::user_name},
    TextField{"groupName", &TocRecord::group_name},
    TextField{"digest", &TocRecord::digest},
    TextField{"chunkDigest", &TocRecord::chunk_digest},
    TextField{"chunkType", &TocRecord::chunk_type},
};
constexpr std::array kNumbers{
    NumberField{"size", &TocRecord::size},
    NumberField{"mode", &TocRecord::mode},
    NumberField{"uid", &TocRecord::uid},
    NumberField{"gid", &TocRecord::gid},
    NumberField{"devMajor", &TocRecord::dev_major},
    NumberField{"devMinor", &TocRecord::dev_minor},
    NumberField{"offset", &TocRecord::offset},
    NumberField{"endOffset", &TocRecord::end_offset},
    NumberField{"innerOffset", &TocRecord::inner_offset},
    NumberField{"chunkOffset", &TocRecord::chunk_offset},
    NumberField{"chunkSize", &TocRecord::chunk_size},
};
constexpr std::string_view kXattrs = "xattrs";

template <class Fields>
std::size_t place_of(const Fields& fields, std::string_view key) {
    return static_cast<std::size_t>(
        std::find_if(fields.begin(), fields.end(), [key](const auto& f) { return f.key == key; }) -
        fields.begin());
}

[[noreturn]] void fail(const std::string& why) {
    throw base::InvalidDocument("the table of contents is not valid: " + why);
}

class SourceBuffer final : public std::streambuf {
  public:
    explicit SourceBuffer(stream::Source& source) : source_(source), block_(kBlockBytes, '\0') {}

  protected:
    int_type underflow() override {
        const std::size_t got =
            source_.read(std::as_writable_bytes(std::span(block_.data(), block_.size())));
        if (got == 0) {
            return traits_type::eof();
        }
        setg(block_.data(), block_.data(), block_.data() + got);
        return traits_type::to_int_type(block_.front());
    }

  private:
    static constexpr std::size_t kBlockBytes = std::size_t{64} << 10;

    stream::Source& source_;
    std::string block_;
};

/// Hears the document event by event: nothing of it is kept but the entry at hand.
class TocHandler final : public nlohmann::json_sax<nlohmann::json> {
  public:
    explicit TocHandler(const std::function<void(TocRecord&)>& record) : record_(record) {}

    [[nodiscard]] bool complete() const noexcept { return version_ && entries_; }

    bool null() override { return scalar(); }

    bool boolean(bool) override { return wrong_type(); }

    bool number_integer(number_integer_t) override { return wrong_type(); }

    bool number_float(number_float_t, const string_t&) override { return wrong_type(); }

    bool binary(binary_t&) override { return wrong_type(); }

    bool number_unsigned(number_unsigned_t value) override {
        if (at_root() && key_ == "version") {
            if (value != 1) {
                fail("it has version " + std::to_string(value));
            }
            version_ = true;
        } else if (number_ < kNumbers.size() && in_entry()) {
            entry_.*kNumbers.at(number_).member = value;
        } else {
            return wrong_type();
        }
        return scalar();
    }

    bool string(string_t& value) override {
        if (in_xattrs()) {
            entry_.xattrs.insert_or_assign(key_, std::move(value));
        } else if (text_ < kTexts.size() && in_entry()) {
            entry_.*kTexts.at(text_).member = std::move(value);
        } else {
            return wrong_type();
        }
        return scalar();
    }

    bool start_object(std::size_t) override {
        const bool expected =
            depth_ == 0 || (depth_ == kEntryDepth - 1 && in_entries_) || (in_entry() && is_xattrs_);
        if (!expected && (known() || at_entries())) {
            return wrong_type();
        }
        open();
        if (in_entry()) {
            entry_ = TocRecord{};
            seen_.reset();
        }
        return true;
    }

    bool end_object() override {
        if (in_entry()) {
            record_(entry_);
        }
        return close();
    }

    bool start_array(std::size_t) override {
        if (at_root() && key_ == "entries") {
            if (entries_) {
                fail("\"entries\" stands twice");
            }
            entries_ = in_entries_ = true;
        } else if (depth_ == 0 || known() || at_entries()) {
            return wrong_type();
        }
        open();
        return true;
    }

    bool end_array() override {
        if (depth_ == kEntryDepth - 1) {
            in_entries_ = false;
        }
        return close();
    }

    bool key(string_t& name) override {
        key_ = std::move(name);
        if (depth_ > kEntryDepth) {
            return true;
        }
        text_ = in_entry() ? place_of(kTexts, key_) : kTexts.size();
        number_ = in_entry() ? place_of(kNumbers, key_) : kNumbers.size();
        is_xattrs_ = in_entry() && key_ == kXattrs;
        if (known()) {
            const std::size_t place = text_ < kTexts.size()       ? text_
                                      : number_ < kNumbers.size() ? kTexts.size() + number_
                                                                  : kTexts.size() + kNumbers.size();
            if (seen_.test(place)) {
                fail("\"" + key_ + "\" stands twice in one entry");
            }
            seen_.set(place);
        }
        return true;
    }

    bool parse_error(std::size_t position,
                     const std::string&,
                     const nlohmann::detail::exception&) override {
        fail("no JSON at byte " + std::to_string(position));
    }

  private:
    static constexpr int kEntryDepth = 3;  ///< the root, `entries`, an entry

    [[nodiscard]] bool at_root() const noexcept { return depth_ == 1; }

    [[nodiscard]] bool at_entries() const noexcept {
        return depth_ == kEntryDepth - 1 && in_entries_;
    }

    [[nodiscard]] bool in_entry() const noexcept { return depth_ == kEntryDepth && in_entries_; }

    [[nodiscard]] bool in_xattrs() const noexcept {
        return depth_ == kEntryDepth + 1 && in_entries_ && is_xattrs_;
    }

    [[nodiscard]] bool known() const noexcept {
        return text_ < kTexts.size() || number_ < kNumbers.size() || is_xattrs_;
    }

    void open() {
        if (++depth_ > static_cast<int>(base::kMaxJsonDepth)) {
            fail("it is nested too deeply");
        }
    }

    bool close() {
        --depth_;
        return depth_ == kEntryDepth ? scalar() : true;
    }

    /// A member's value has ended.
    bool scalar() {
        if (depth_ == 0 || at_entries()) {
            fail("something else stands where an entry or the table should");
        }
        if (depth_ <= kEntryDepth) {
            text_ = kTexts.size();
            number_ = kNumbers.size();
            is_xattrs_ = false;
        }
        return true;
    }

    /// No harm where the member has no meaning here.
    bool wrong_type() {
        const bool meant = known() || (at_root() && (key_ == "version" || key_ == "entries"));
        if (meant) {
            fail("\"" + base::printable(key_, 100) + "\" is of another type");
        }
        return scalar();
    }

    const std::function<void(TocRecord&)>& record_;
    TocRecord entry_;
    std::string key_;
    std::size_t text_ = kTexts.size();      ///< which one the next value is; past the end: none
    std::size_t number_ = kNumbers.size();  ///< the same
    bool is_xattrs_ = false;
    std::bitset<kTexts.size() + kNumbers.size() + 1> seen_;
    int depth_ = 0;
    bool in_entries_ = false;
    bool entries_ = false;
    bool version_ = false;
};

}  // namespace

void parse_toc(stream::Source& json, const std::function<void(TocRecord& record)>& record) {
    SourceBuffer buffer(json);
    std::istream input(&buffer);
    TocHandler handler(record);
    nlohmann::json::sax_parse(input, &handler);
    if (!handler.complete()) {
        fail("it has no \"version\" or no \"entries\"");
    }
}

}  // namespace regtool::layer
